import { Button } from "@mantine/core";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { scheduleQuery } from "@/api/oncall";
import type { RotaSchedule, Shift } from "@/api/types";
import { Show } from "@/components/Query";
import { exact } from "@/format/time";
import { useNow } from "@/ui/clock";
import { Panel } from "@/ui/Panel";
import { Segments } from "@/ui/Segments";
import { begin, midnights, pieces, spans, tone } from "./lanes";
import classes from "./OnCall.module.css";

const range = (from: number, to: number) => `${new Date(from).toLocaleDateString("en", { day: "numeric", month: "short" })} – ${new Date(to - 1).toLocaleDateString("en", { day: "numeric", month: "short", year: "numeric" })}`;

/** The layers of a rota and who is on call in the end, by week or month. */
export function Schedule({ rota, onPick }: { rota: string; onPick?: (s: { from: number; to: number; person?: string; override?: string }) => void }) {
  const [view, setView] = useState<"week" | "month">("week");
  const [by, setBy] = useState(0);
  const [anchor] = useState(() => Date.now());
  const [from, to] = begin(view, anchor, by);
  const query = useQuery({ ...scheduleQuery(rota, new Date(from).toISOString(), new Date(to).toISOString()), placeholderData: keepPreviousData });
  return (
    <Panel title="Schedule" hint={range(from, to)} actions={<>
      <Segments aria-label="What is shown" data={[{ value: "week", label: "Week" }, { value: "month", label: "Month" }]} value={view} onChange={(v) => { setView(v as "week"); setBy(0); }} />
      <Button size="compact-sm" variant="default" aria-label="Earlier" onClick={() => setBy(by - 1)}>‹</Button>
      <Button size="compact-sm" variant="default" disabled={by === 0} onClick={() => setBy(0)}>Now</Button>
      <Button size="compact-sm" variant="default" aria-label="Later" onClick={() => setBy(by + 1)}>›</Button>
    </>}>
      <Show query={query} lines={4}>{(s) => <Lanes schedule={s} from={from} to={to} onPick={onPick} />}</Show>
    </Panel>
  );
}

function Lanes({ schedule: s, from, to, onPick }: { schedule: RotaSchedule; from: number; to: number; onPick?: (s: { from: number; to: number; person?: string; override?: string }) => void }) {
  const now = useNow();
  const people = Object.keys(s.people).sort();
  const days = midnights(from, to);
  const at = (t: number) => `${((t - from) / (to - from)) * 100}%`;
  const lines = days.map((t) => <i key={t} className={classes.line} style={{ left: at(t) }} />);
  const mark = now > from && now < to && <i className={classes.now} style={{ left: at(now) }} title="Now" />;
  const label = (x: Shift) => `${s.people[x.person] ?? x.person}, ${exact(Date.parse(x.from))} to ${exact(Date.parse(x.to))}${x.override ? ", by an override" : ""}`;
  const lane = (shifts: Shift[], live: boolean) => pieces(shifts, from, to).map((p) => (
    <button key={p.shift!.from} type="button" className={classes.shift} data-override={p.shift!.override ? true : undefined} disabled={!live || !onPick} title={label(p.shift!)} aria-label={label(p.shift!)}
      style={{ left: `${p.left}%`, width: `${p.width}%`, "--tone": tone(p.shift!.person, people) * 45 + 200 } as React.CSSProperties}
      onClick={() => onPick?.({ from: Math.max(from, Date.parse(p.shift!.from)), to: Math.min(to, Date.parse(p.shift!.to)), person: p.shift!.person, override: p.shift!.override })}>
      {p.width > 4 ? s.people[p.shift!.person] ?? p.shift!.person : ""}
    </button>
  ));
  return (
    <div className={classes.lanes}>
      <span />
      <div className={classes.axis}>{[from, ...days].filter((_, i) => days.length < 10 || i % 3 === 0).map((t) => <span key={t} style={{ left: at(t) }}>{new Date(t).toLocaleDateString("en", days.length < 10 ? { weekday: "short", day: "numeric" } : { day: "numeric", month: "short" })}</span>)}</div>
      {s.layers.map((l, i) => [
        <span key={`${i} name`} className={classes.name} title={l.name || `Layer ${i + 1}`}>{l.name || `Layer ${i + 1}`}</span>,
        <div key={i} className={classes.lane}>{lines}{lane(l.shifts, false)}{mark}</div>,
      ])}
      <span className={classes.name} data-final>On call</span>
      <div className={classes.lane} data-final>
        {lines}{lane(s.final, true)}
        {spans(s.gaps, from, to).map((g) => <span key={g.left} className={classes.gap} style={{ left: `${g.left}%`, width: `${g.width}%` }} title="Nobody is on call" role="img" aria-label="Nobody is on call" />)}
        {mark}
      </div>
    </div>
  );
}
