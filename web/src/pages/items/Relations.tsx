import { ActionIcon, Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { Relation } from "@/api/items";
import { relationsQuery } from "@/api/graph";
import { useHealth } from "@/app/health";
import { useCan } from "@/app/session";
import { Show } from "@/components/Query";
import { RefLink } from "@/components/RefLink";
import { Tag } from "@/ui/Badges";
import { Empty } from "@/ui/Empty";
import { IconClose } from "@/ui/icons";
import { Mark } from "@/ui/Mark";
import { Panel } from "@/ui/Panel";
import { TimeAgo } from "@/ui/TimeAgo";
import classes from "./Item.module.css";
import { Relate, Unrelate } from "./Relate";
import { sourceWord } from "./schema";

/** Relations by what they say, read from the item. */
export function grouped(relations: Relation[]): [label: string, relations: Relation[]][] {
  const groups = new Map<string, Relation[]>();
  for (const r of relations) {
    const label = r.label || r.type.replaceAll("_", " ");
    groups.set(label, [...(groups.get(label) ?? []), r]);
  }
  return [...groups.entries()].sort(([a], [b]) => a.localeCompare(b));
}

export function Relations({ id, name, at, brief }: { id: string; name: string; at?: string; brief?: boolean }) {
  const can = useCan();
  const [adding, setAdding] = useState(false);
  const [ending, setEnding] = useState<Relation>();
  const may = !at && can("items:write");
  const query = useQuery(relationsQuery(id, at));
  const health = useHealth();
  const bound = brief ? 5 : 500;
  return (
    <Panel title="Relations" count={query.data?.items.length} flush actions={may && <Button size="compact-sm" variant="default" onClick={() => setAdding(true)}>Add</Button>}>
      <Show query={query}>
        {(p) => p.items.length === 0 ? <Empty title="No relations" /> : grouped(p.items).map(([label, list]) => (
          <div key={label} className={classes.group}>
            <div className={classes.groupHead}>{label} <span>{list.length}</span></div>
            {list.slice(0, bound).map((r) => (
              <div key={r.type + r.direction + r.item.id} className={classes.entry} data-full={!brief || undefined}>
                <Mark level={health(r.item.id)} size={12} />
                <span className="cut"><RefLink kind="item" id={r.item.id}>{r.item.name}</RefLink></span>
                <Tag>{r.item.class.replaceAll("_", " ")}</Tag>
                {r.group && <Tag>redundant: {r.group}</Tag>}
                {!brief && <span className={`dim ${classes.since}`}>{r.sources?.map(sourceWord).join(", ")} since <TimeAgo at={r.since} /></span>}
                {!brief && may && <ActionIcon size={24} aria-label={`End: ${label} ${r.item.name}`} title="End this relation" onClick={() => setEnding(r)}><IconClose size={13} /></ActionIcon>}
              </div>
            ))}
            {list.length > bound && <div className={`${classes.entry} dim`}>and {list.length - bound} more</div>}
          </div>
        ))}
      </Show>
      {adding && <Relate item={{ id, name }} onClose={() => setAdding(false)} />}
      {ending && <Unrelate item={{ id, name }} relation={ending} onClose={() => setEnding(undefined)} />}
    </Panel>
  );
}
