import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { mergesQuery, splitItem } from "@/api/graph";
import type { ItemMerge } from "@/api/items";
import { useCan } from "@/app/session";
import { Confirm } from "@/components/Confirm";
import { Person } from "@/components/Names";
import { Panel } from "@/ui/Panel";
import { TimeAgo } from "@/ui/TimeAgo";
import classes from "./Item.module.css";

/** Which records became part of it; each can be taken out again. */
export function Merges({ id }: { id: string }) {
  const can = useCan();
  const [splitting, setSplitting] = useState<ItemMerge>();
  const list = (useQuery(mergesQuery(id)).data?.items ?? []).filter((m) => m.survivor === id && !m.undone);
  const why = can("items:write") ? undefined : "Your role may not change items";
  if (!list.length) return null;
  return (
    <Panel title="Merged into it" count={list.length} flush>
      {list.map((m) => (
        <div key={m.id} className={classes.entry} style={{ paddingBlock: "0.3125rem" }}>
          <span className="grow cut">{m.mergedName || m.merged}</span>
          <span className="dim"><Person id={m.by} none="Mainstay" /> <TimeAgo at={m.at} /></span>
          <Button size="compact-xs" variant="default" disabled={Boolean(why)} title={why} onClick={() => setSplitting(m)}>Split…</Button>
        </div>
      ))}
      {splitting && (
        <Confirm title="Split the items again" action="Split" done="They are two again" touches={["item", "map", "ledger"]} run={() => splitItem(id, splitting.id)} onClose={() => setSplitting(undefined)}>
          <p><strong>{splitting.mergedName || "The other item"}</strong> lives again, with the values, identifiers and relations that were its own.</p>
          <p className="dim">What sources said since the merge stays here until they speak again.</p>
        </Confirm>
      )}
    </Panel>
  );
}
