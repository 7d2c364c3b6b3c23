import { Button, Checkbox } from "@mantine/core";
import { useState } from "react";
import type { Alert, SituationDetail } from "@/api/types";
import { useActions } from "@/app/actions";
import { useCan } from "@/app/session";
import { RefLink } from "@/components/RefLink";
import { toggled } from "@/components/table/DataTable";
import { plural } from "@/format/number";
import { age, clock } from "@/format/time";
import { SeverityBadge } from "@/ui/Badges";
import { useNow } from "@/ui/clock";
import { Panel } from "@/ui/Panel";
import { asLevel } from "@/ui/severity";
import { MoveAlerts } from "./Decide";
import classes from "./Situation.module.css";

/** Where a stretch of time lies on an axis, in per cent. A moment still has a width one can see. */
export function stretch(from: number, to: number, start: number, end: number): { left: number; width: number } {
  const span = Math.max(end - start, 1);
  const left = Math.max(0, Math.min(99, ((from - start) / span) * 100));
  return { left, width: Math.max(0.8, Math.min(100 - left, ((to - from) / span) * 100)) };
}

/** The alerts on one time axis: who was first is seen at a glance. */
export function AlertAxis({ situation: s }: { situation: SituationDetail }) {
  // The shared clock ticks slowly; a fault that has just begun needs a finer one.
  const now = Math.max(useNow(), Date.now());
  const alerts = s.members.map((m) => m.alert).sort((a, b) => Date.parse(a.onset) - Date.parse(b.onset));
  const first = Math.min(Date.parse(s.openedAt), ...alerts.map((a) => Date.parse(a.onset)));
  const last = s.closedAt ? Date.parse(s.closedAt) : now;
  const end = Math.max(last, first + 1000);
  const can = useCan();
  const [picked, setPicked] = useState<ReadonlySet<string>>(new Set());
  const [moving, setMoving] = useState(false);
  const chosen = alerts.filter((a) => picked.has(a.id) && a.state !== "cleared").map((a) => a.id);
  const movable = s.state === "open" && can("situations:act");
  const none = () => setPicked(new Set());
  useActions(movable && chosen.length ? [
    { id: "alerts-move", label: `Move ${plural(chosen.length, "alert")} to another situation`, group: "Actions", keys: "v", run: () => setMoving(true) },
    { id: "alerts-none", label: "Clear the selection", group: "Actions", keys: "Escape", run: none },
  ] : []);
  return (
    <Panel title="Alerts in time" count={alerts.length} flush hint={movable && !chosen.length ? "Select those that belong elsewhere" : undefined}
      actions={chosen.length > 0 && <><Button size="compact-sm" onClick={() => setMoving(true)}>Move {plural(chosen.length, "alert")}…</Button><Button size="compact-sm" variant="default" onClick={none}>Clear</Button></>}>
      {moving && chosen.length > 0 && <MoveAlerts situation={s} alerts={chosen} onClose={() => setMoving(false)} onDone={none} />}
      <div className={classes.axis}>
        <div className={classes.lane} data-head>
          <span>Alert</span>
          <span className={classes.scale}><span>{clock(first)}</span><span>{clock((first + end) / 2)}</span><span>{s.closedAt ? clock(end) : "now"}</span></span>
        </div>
        {alerts.map((a, i) => <Lane key={a.id} alert={a} leads={i === 0} root={a.id === s.rootAlert} first={first} end={end} now={now}
          pick={movable && a.state !== "cleared" ? { on: picked.has(a.id), flip: () => setPicked(toggled(picked, a.id)) } : undefined} />)}
      </div>
    </Panel>
  );
}

interface Pick {
  on: boolean;
  flip: () => void;
}

function Lane({ alert: a, leads, root, first, end, now, pick }: { alert: Alert; leads: boolean; root: boolean; first: number; end: number; now: number; pick?: Pick }) {
  const opened = Date.parse(a.onset);
  const closed = a.clearedAt ? Date.parse(a.clearedAt) : Math.max(now, opened);
  const { left, width } = stretch(opened, Math.min(closed, end), first, end);
  const after = opened - first;
  return (
    <div className={classes.lane} data-root={root || undefined}>
      <div className={classes.what}>
        {pick && <Checkbox size="xs" aria-label={`Select: ${a.title}`} checked={pick.on} onChange={pick.flip} />}
        <span className={classes.severity}><SeverityBadge severity={a.severity} /></span>
        <span className="grow cut" title={a.title}><RefLink kind="alert" id={a.id}>{a.title}</RefLink></span>
        {root && <span className={classes.rootTag}>root cause</span>}
      </div>
      <div className={classes.track} title={`${clock(opened)} for ${age(closed - opened)}`}>
        <span className={classes.bar} style={{ left: `${left}%`, width: `${width}%`, background: `var(--${asLevel(a.severity)})` }} data-open={!a.clearedAt || undefined} />
        <span className={classes.after} style={left > 70 ? { right: `${100 - left + 1}%` } : { left: `${left}%` }}>{leads ? "first" : `+${age(after)}`}{a.itemName ? ` · ${a.itemName}` : ""}</span>
      </div>
    </div>
  );
}
