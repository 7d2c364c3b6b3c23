import { useQuery } from "@tanstack/react-query";
import { relationsQuery } from "@/api/graph";
import type { Relation } from "@/api/types";
import { Show } from "@/components/Query";
import { RefLink } from "@/components/RefLink";
import { Tag } from "@/ui/Badges";
import { Empty } from "@/ui/Empty";
import { Panel } from "@/ui/Panel";
import { TimeAgo } from "@/ui/TimeAgo";
import classes from "./Item.module.css";

interface Other {
  id: string;
  name?: string;
  class?: string;
  relation: Relation;
}

/** Relations as seen from one item: "depends on", or of the others, "is needed by". */
export function grouped(id: string, relations: Relation[]): [heading: string, others: Other[]][] {
  const groups = new Map<string, Other[]>();
  for (const r of relations) {
    const out = r.from === id;
    const words = r.type.replaceAll("_", " ");
    const heading = out ? words : passive(r.type);
    const other = out ? { id: r.to, name: r.toName, class: r.toClass } : { id: r.from, name: r.fromName, class: r.fromClass };
    groups.set(heading, [...(groups.get(heading) ?? []), { ...other, relation: r }]);
  }
  return [...groups.entries()].sort(([a], [b]) => a.localeCompare(b));
}

const turned: Record<string, string> = { depends_on: "is needed by", runs_on: "runs", hosted_on: "hosts", contains: "is in", part_of: "consists of", member_of: "has member", connects_to: "is connected from", located_in: "holds", uses: "is used by", owns: "is owned by" };
const passive = (type: string) => turned[type] ?? `${type.replaceAll("_", " ")} (from)`;

export function Relations({ id, at, brief }: { id: string; at?: string; brief?: boolean }) {
  const query = useQuery(relationsQuery(id, at));
  const bound = brief ? 8 : 500;
  return (
    <Panel title="Relations" count={query.data?.items.length} flush>
      <Show query={query}>
        {(p) => p.items.length === 0 ? <Empty title="No relations" /> : grouped(id, p.items).map(([heading, others]) => (
          <div key={heading} className={classes.group}>
            <div className={classes.groupHead}>{heading} <span>{others.length}</span></div>
            {others.slice(0, bound).map((o) => (
              <div key={o.relation.id ?? o.id} className={classes.entry}>
                <span className="cut"><RefLink kind="item" id={o.id}>{o.name}</RefLink></span>
                {o.class && <Tag>{o.class.replaceAll("_", " ")}</Tag>}
                {!brief && <span className="dim" style={{ marginLeft: "auto" }}>{o.relation.source}{o.relation.since && <> since <TimeAgo at={o.relation.since} /></>}</span>}
              </div>
            ))}
            {others.length > bound && <div className={`${classes.entry} dim`}>and {others.length - bound} more</div>}
          </div>
        ))}
      </Show>
    </Panel>
  );
}
