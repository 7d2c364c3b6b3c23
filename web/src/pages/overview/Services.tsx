import { useQuery } from "@tanstack/react-query";
import { itemsPath } from "@/api/graph";
import { page, total } from "@/api/lists";
import type { Item } from "@/api/items";
import { useHealth } from "@/app/health";
import { Show } from "@/components/Query";
import { RefLink } from "@/components/RefLink";
import { SeverityBadge } from "@/ui/Badges";
import { Empty } from "@/ui/Empty";
import { Panel } from "@/ui/Panel";
import { levelRank } from "@/ui/severity";
import classes from "./Overview.module.css";

/** Business services, and how they are. */
export function Services() {
  const health = useHealth();
  const query = useQuery({ queryKey: ["item", "services"], queryFn: ({ signal }) => page<Item>(itemsPath, { where: ["class=business_service"], sort: "name", limit: 12 }, undefined, signal) });
  return (
    <Panel title="Services" count={total(query.data)} flush>
      <Show query={query} height={90}>
        {(p) => p.items.length === 0 ? <Empty title="No business services yet">Describe what the business runs on, and incidents get their priority from it.</Empty> : (
          <ul className={classes.lines}>
            {[...p.items].sort((a, b) => levelRank(health(b.id)) - levelRank(health(a.id))).map((s) => (
              <li key={s.id} className={classes.line} style={{ gridTemplateColumns: "minmax(0,1fr) auto" }}>
                <span className="cut"><RefLink kind="item" id={s.id} className="">{s.name}</RefLink></span>
                <SeverityBadge severity={health(s.id)} />
              </li>
            ))}
          </ul>
        )}
      </Show>
    </Panel>
  );
}
