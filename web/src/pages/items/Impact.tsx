import { useQuery } from "@tanstack/react-query";
import { impactQuery } from "@/api/graph";
import { Show } from "@/components/Query";
import { RefLink } from "@/components/RefLink";
import { plural } from "@/format/number";
import { Tag } from "@/ui/Badges";
import { Empty } from "@/ui/Empty";
import { Panel } from "@/ui/Panel";
import classes from "./Item.module.css";

/** What would be reached if this item failed, nearest first. */
export function Impact({ id }: { id: string }) {
  const query = useQuery(impactQuery(id));
  return (
    <Panel title="If it fails" count={query.data ? plural(query.data.items.length, "item") : undefined} hint="Along the relations that carry a fault, with redundancy counted" flush>
      <Show query={query}>
        {(p) => p.items.length === 0 ? <Empty title="Nothing depends on it" /> : [...new Set(p.items.map((a) => a.distance))].sort((a, b) => a - b).map((d) => (
          <div key={d} className={classes.group}>
            <div className={classes.groupHead}>{d === 1 ? "directly" : `${d} steps away`}</div>
            {p.items.filter((a) => a.distance === d).map((a) => <div key={a.item} className={classes.entry}><RefLink kind="item" id={a.item}>{a.name}</RefLink><Tag>{a.class.replaceAll("_", " ")}</Tag>{a.degraded && <span className="dim">degraded: others carry on</span>}</div>)}
          </div>
        ))}
      </Show>
    </Panel>
  );
}
