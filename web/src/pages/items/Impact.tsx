import { useQuery } from "@tanstack/react-query";
import type { Affected } from "@/api/items";
import { impactQuery } from "@/api/graph";
import { Show } from "@/components/Query";
import { RefLink } from "@/components/RefLink";
import { plural } from "@/format/number";
import { Tag } from "@/ui/Badges";
import { Empty } from "@/ui/Empty";
import { Panel } from "@/ui/Panel";
import classes from "./Item.module.css";

/** What would be reached if this item failed: services first, then all items, nearest first. */
export function Impact({ id }: { id: string }) {
  const query = useQuery(impactQuery(id));
  return (
    <Panel title="If it fails" count={query.data ? plural(query.data.total, "item") : undefined} hint="Along the relations that carry a fault, with redundancy counted" flush>
      <Show query={query}>
        {(p) => p.total === 0 ? <Empty title="Nothing depends on it" /> : (
          <>
            {p.services?.length ? <Reached label="Business services" list={p.services} /> : null}
            {[...new Set((p.items ?? []).map((a) => a.distance))].sort((a, b) => a - b).map((d) => (
              <Reached key={d} label={d === 1 ? "Directly" : `${d} steps away`} list={(p.items ?? []).filter((a) => a.distance === d)} />
            ))}
          </>
        )}
      </Show>
    </Panel>
  );
}

const Reached = ({ label, list }: { label: string; list: Affected[] }) => (
  <div className={classes.group}>
    <div className={classes.groupHead}>{label} <span>{list.length}</span></div>
    {list.map((a) => (
      <div key={a.id} className={classes.entry}>
        <RefLink kind="item" id={a.id}>{a.name}</RefLink><Tag>{a.class.replaceAll("_", " ")}</Tag>
        {a.criticality && <span className="dim">{a.criticality} criticality</span>}
        {a.degraded && <span className="dim">degraded: others carry on</span>}
      </div>
    ))}
  </div>
);
