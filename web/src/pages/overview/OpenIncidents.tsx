import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { incidentsPath } from "@/api/desk";
import { page, total } from "@/api/lists";
import type { Incident } from "@/api/types";
import { Person, TeamName } from "@/components/Names";
import { Show } from "@/components/Query";
import { RefLink } from "@/components/RefLink";
import { incidentOpen } from "@/pages/conditions";
import { ClockBrief } from "@/pages/incidents/Clocks";
import { PriorityBadge, StateBadge } from "@/ui/Badges";
import { Empty } from "@/ui/Empty";
import { Panel } from "@/ui/Panel";
import classes from "./Overview.module.css";

export function OpenIncidents() {
  const query = useQuery({ queryKey: ["incident", "open"], queryFn: ({ signal }) => page<Incident>(incidentsPath, { where: incidentOpen, sort: "priority", limit: 8 }, undefined, signal) });
  return (
    <Panel title="Incidents by priority" count={total(query.data)} flush actions={<Link to="/incidents" search={(s) => ({ from: s.from, to: s.to, where: incidentOpen })} className="link">All</Link>}>
      <Show query={query} height={120}>
        {(p) => p.items.length === 0 ? <Empty good title="No open incidents" /> : (
          <ul className={classes.lines}>
            {p.items.map((i) => (
              <li key={i.id} className={classes.line} data-tall>
                <PriorityBadge priority={i.priority} />
                <div className={classes.main}>
                  <div className="cut"><RefLink kind="incident" id={i.id}>{i.title}</RefLink></div>
                  <div className={`${classes.sub} cut`}>{i.number} · {i.assignee ? <Person id={i.assignee} /> : <TeamName id={i.team} none="nobody assigned" />}</div>
                </div>
                <div className={classes.right}><StateBadge state={i.state} /><div><ClockBrief clocks={i.clocks} /></div></div>
              </li>
            ))}
          </ul>
        )}
      </Show>
    </Panel>
  );
}
