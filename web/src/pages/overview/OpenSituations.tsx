import { useQuery } from "@tanstack/react-query";
import { situationsPath } from "@/api/events";
import { Link } from "@tanstack/react-router";
import { page, total } from "@/api/lists";
import type { Situation } from "@/api/types";
import { Show } from "@/components/Query";
import { RefLink } from "@/components/RefLink";
import { plural } from "@/format/number";
import { situationOpen } from "@/pages/conditions";
import { PriorityBadge } from "@/ui/Badges";
import { Empty } from "@/ui/Empty";
import { Mark } from "@/ui/Mark";
import { Panel } from "@/ui/Panel";
import { wording } from "@/ui/severity";
import { TimeAgo } from "@/ui/TimeAgo";
import classes from "./Overview.module.css";

export function OpenSituations() {
  const query = useQuery({ queryKey: ["situation", "open"], queryFn: ({ signal }) => page<Situation>(situationsPath, { where: situationOpen, sort: "priority,-severity,-openedAt", limit: 8 }, undefined, signal) });
  return (
    <Panel title="Open situations" count={total(query.data)} flush actions={<Link to="/situations" search={(s) => ({ from: s.from, to: s.to, where: situationOpen })} className="link">All</Link>}>
      <Show query={query} height={120}>
        {(p) => p.items.length === 0 ? <Empty good title="Nothing is wrong">No alerts share a cause at the moment.</Empty> : (
          <ul className={classes.lines}>
            {p.items.map((s) => (
              <li key={s.id} className={classes.line}>
                <span title={wording(s.severity)}><Mark level={s.severity} size={16} /><span className="unseen">{wording(s.severity)}</span></span>
                <div className={classes.main}>
                  <div className="cut"><RefLink kind="situation" id={s.id}>{s.title}</RefLink></div>
                  <div className={`${classes.sub} cut`}>
                    {s.rootItem ? <>Root cause <RefLink kind="item" id={s.rootItem} className="">{s.rootName}</RefLink> · {Math.round(s.confidence * 100)} % sure</> : "Root cause not known yet"}
                    <> · {plural(s.activeAlerts, "active alert")}</>
                    {s.services.length > 0 && <> · reaches {s.services.map((v) => v.name).join(", ")}</>}
                  </div>
                </div>
                <div className={classes.right}>
                  <div><PriorityBadge priority={s.priority} /></div>
                  <TimeAgo at={s.openedAt} bare />
                </div>
              </li>
            ))}
          </ul>
        )}
      </Show>
    </Panel>
  );
}
