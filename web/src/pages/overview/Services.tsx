import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { healthPageQuery } from "@/api/health";
import { Show } from "@/components/Query";
import { RefLink } from "@/components/RefLink";
import { StateBadge } from "@/ui/Badges";
import { Empty } from "@/ui/Empty";
import { Panel } from "@/ui/Panel";
import { TimeAgo } from "@/ui/TimeAgo";
import classes from "./Overview.module.css";

/** How business services stand, the worst first, and because of what. */
export function Services() {
  const query = useQuery(healthPageQuery({ kind: "service", limit: "8" }));
  const states = query.data?.states ?? {};
  const said = [states.down && `${states.down} down`, states.degraded && `${states.degraded} degraded`].filter(Boolean).join(", ");
  return (
    <Panel title="Services" count={Object.values(states).reduce((a, b) => a + b, 0)} hint={said || undefined} flush actions={<Link to="/service-health" search={(s) => ({ from: s.from, to: s.to })} className="link">All</Link>}>
      <Show query={query} height={90}>
        {(p) => p.items.length === 0 ? <Empty title="No business services yet">Describe what the business runs on, and incidents get their priority from it.</Empty> : (
          <ul className={classes.lines}>
            {p.items.map((s) => (
              <li key={s.id} className={classes.line} style={{ gridTemplateColumns: "minmax(0,1fr) auto" }}>
                <div className={classes.main}>
                  <div className="cut"><Link to="/service-health/$id" params={{ id: s.id }} search={(x) => ({ from: x.from, to: x.to })} className="link" title={s.name}>{s.name}</Link></div>
                  {s.causes.length > 0 && <div className={`${classes.sub} cut`}>Because of {s.causes.map((c, i) => <span key={c.item}>{i > 0 && ", "}<RefLink kind="item" id={c.item} className="">{c.name}</RefLink></span>)}</div>}
                </div>
                <div className={classes.right}>
                  <div><StateBadge state={s.state} /></div>
                  {s.state !== "ok" && <div className="dim"><TimeAgo at={s.since} bare /></div>}
                </div>
              </li>
            ))}
          </ul>
        )}
      </Show>
    </Panel>
  );
}
