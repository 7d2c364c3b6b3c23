import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { changesOf } from "@/api/changes";
import { alertsPath } from "@/api/events";
import { troubledServicesQuery } from "@/api/health";
import { page, total } from "@/api/lists";
import { checksPath } from "@/api/monitor";
import type { Alert, Target } from "@/api/types";
import { useCan } from "@/app/session";
import { Show } from "@/components/Query";
import { RefLink } from "@/components/RefLink";
import { alertOpen } from "@/pages/conditions";
import { StateBadge } from "@/ui/Badges";
import { Mark } from "@/ui/Mark";
import { Panel } from "@/ui/Panel";
import { wording } from "@/ui/severity";
import { TimeAgo } from "@/ui/TimeAgo";
import classes from "./Item.module.css";

/** How the item is: its open alerts, its checks, and what is changed on it. */
export function Conditions({ id }: { id: string }) {
  const where = [`item=${id}`];
  const service = useQuery(troubledServicesQuery).data?.get(id);
  const alerts = useQuery({ queryKey: ["alert", "of-item", id], queryFn: ({ signal }) => page<Alert>(alertsPath, { where: [...where, ...alertOpen], sort: "-severity", limit: 20 }, undefined, signal) });
  const checks = useQuery({ queryKey: ["check", "of-item", id], queryFn: ({ signal }) => page<Target>(checksPath, { where, limit: 50 }, undefined, signal) });
  const changes = useQuery({ ...changesOf(id), enabled: useCan()("changes:read") });
  return (
    <Panel title="Condition" flush>
      {service && <div className={classes.entry} style={{ paddingBlock: "0.4375rem" }}><StateBadge state={service} /><span className="grow cut"><Link to="/service-health/$id" params={{ id }} search={(s) => ({ from: s.from, to: s.to })} className="link">as a service, by what it needs</Link></span></div>}
      <Show query={alerts} lines={1}>
        {(p) => p.items.length === 0 ? <div className={classes.entry} style={{ paddingBlock: "0.4375rem" }}><Mark level="clear" /> No open alerts</div> : p.items.map((a) => (
          <div key={a.id} className={classes.entry}><Mark level={a.severity} /><span className="unseen">{wording(a.severity)}</span><span className="grow cut"><RefLink kind="alert" id={a.id}>{a.title}</RefLink></span><span className="dim"><TimeAgo at={a.openedAt} bare /></span></div>
        ))}
      </Show>
      <Show query={checks} lines={1}>
        {(p) => p.items.length === 0 ? null : (
          <div className={classes.group} style={{ borderTop: "1px solid var(--line)" }}>
            <div className={classes.groupHead}>Checks {p.items.length}</div>
            {p.items.map((c) => <div key={c.id} className={classes.entry}><span style={{ width: "6.5rem" }}><StateBadge state={c.status} /></span><span className="grow cut"><RefLink kind="check" id={c.check}>{c.name}</RefLink></span><span className="dim"><TimeAgo at={c.checkedAt} bare /></span></div>)}
          </div>
        )}
      </Show>
      {changes.data && changes.data.items.length > 0 && (
        <div className={classes.group} style={{ borderTop: "1px solid var(--line)" }}>
          <div className={classes.groupHead}>Changes {total(changes.data) ?? changes.data.items.length}</div>
          {changes.data.items.map((c) => <div key={c.id} className={classes.entry}><span style={{ width: "6.5rem" }}><StateBadge state={c.state} /></span><span className="grow cut"><RefLink kind="change" id={c.id}>{c.title}</RefLink></span><span className="dim">{c.plannedStart && <TimeAgo at={c.plannedStart} bare />}</span></div>)}
        </div>
      )}
    </Panel>
  );
}
