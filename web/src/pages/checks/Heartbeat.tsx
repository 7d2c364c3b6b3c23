import { Button, Select } from "@mantine/core";
import { useQueries, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { pingsQuery, rotateAddress } from "@/api/monitor";
import { itemName } from "@/api/names";
import type { Check, HeartbeatAddress, Ping } from "@/api/types";
import { ConfirmButton } from "@/components/ConfirmButton";
import { Copy } from "@/components/Copy";
import { Show } from "@/components/Query";
import { useDo } from "@/components/toast";
import { took } from "@/format/time";
import { StateBadge } from "@/ui/Badges";
import { Empty } from "@/ui/Empty";
import { Panel } from "@/ui/Panel";
import { At, TimeAgo } from "@/ui/TimeAgo";
import { crontabLine, curlLine } from "./heartbeat";
import classes from "./Why.module.css";

const badge: Record<Ping["signal"], string> = { success: "ok", fail: "critical", start: "running", log: "info" };

/** Where the job of a heartbeat pings, and what it said last. */
export function Heartbeat({ check: c, why }: { check: Check; why?: string }) {
  const [chosen, setChosen] = useState<string | undefined>();
  const target = c.targets.length > 1 ? chosen ?? c.targets[0]!.id : undefined;
  const query = useQuery({ ...pingsQuery(c.id, target), enabled: c.targets.length > 0 });
  const rotate = useDo({ run: () => rotateAddress(c.id, target), done: "It has a new address", failed: "It has no new address", touches: ["check"] });
  const shown = rotate.data && (!target || rotate.data.target === target) ? rotate.data : undefined;
  const addressed = query.data?.addressed;
  return (
    <Panel title="Heartbeat" hint={addressed && <>address made <TimeAgo at={addressed} /></>}
      actions={addressed
        ? <ConfirmButton size="compact-xs" why={why} loading={rotate.isPending} question="The address it has now stops working at once." yes="Make a new one" onYes={() => rotate.mutate(undefined)}>New address</ConfirmButton>
        : <Button size="compact-xs" disabled={Boolean(why) || !c.targets.length} title={why} loading={rotate.isPending} onClick={() => rotate.mutate(undefined)}>Make the address</Button>}>
      <div className="stack">
        {c.targets.length > 1 && <TargetChoice check={c} value={target!} onChange={setChosen} />}
        {shown ? <Address address={shown} cron={c.spec.heartbeat?.cron} /> : !addressed && <p className="dim">It has no address yet. Make one, and let the job ping it when it ends.</p>}
        <Show query={query} lines={3} missing="It applies to no item yet">
          {(p) => p.items.length ? (
            <div className={classes.lines} tabIndex={0} role="region" aria-label="Last pings">
              {p.items.map((ping) => (
                <div key={ping.id} className={classes.line}><StateBadge state={badge[ping.signal]} /><span className="cut" title={ping.detail || ping.output}>{ping.output} <span className="dim">from {ping.source}</span></span><span className="num dim">{ping.duration === "0s" ? "" : took(ping.duration)}</span><span className="num dim"><At at={ping.at} /></span></div>
              ))}
            </div>
          ) : <Empty title="No ping has come yet" />}
        </Show>
      </div>
    </Panel>
  );
}

function TargetChoice({ check: c, value, onChange }: { check: Check; value: string; onChange: (id: string) => void }) {
  const names = useQueries({ queries: c.targets.map((t) => ({ queryKey: ["item", "name", t.item], queryFn: () => itemName(t.item!), enabled: Boolean(t.item), staleTime: 300_000 })) });
  return <Select label="Item" searchable allowDeselect={false} value={value} onChange={(v) => v && onChange(v)} data={c.targets.map((t, i) => ({ value: t.id, label: names[i]?.data?.name ?? t.item ?? t.id }))} />;
}

function Address({ address, cron }: { address: HeartbeatAddress; cron?: string }) {
  const url = location.origin + address.path;
  return (
    <div className="stack" role="status" aria-label="The new address">
      <p>Copy it now: it is a secret and is shown only this once.</p>
      <Copy value={url} label="Copy the address" />
      <p className="dim">In a crontab, with how long it took and how it ended:</p>
      <Copy value={crontabLine(url, cron)} label="Copy the crontab line" />
      <p className="dim">At the end of a script:</p>
      <Copy value={curlLine(url)} label="Copy the command" />
    </div>
  );
}
