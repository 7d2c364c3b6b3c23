import type { Clock } from "@/api/types";
import { age, goDuration } from "@/format/time";
import { useNow } from "@/ui/clock";
import { Mark } from "@/ui/Mark";
import { wording } from "@/ui/severity";
import { At } from "@/ui/TimeAgo";
import classes from "./Clocks.module.css";

type Standing = { level: string; text: string };

/** How a clock stands: met, breached, paused, or how long it still has. */
export function standing(c: Clock, now: number): Standing {
  if (c.state === "stopped") return c.breachedAt ? { level: "critical", text: "met late" } : { level: "clear", text: "met" };
  if (c.breachedAt) return { level: "critical", text: `overdue by ${age(now - Date.parse(c.breachedAt))}` };
  if (c.state === "paused") return { level: "unknown", text: "paused" };
  if (!c.dueAt) return { level: "unknown", text: "not running" };
  const left = Date.parse(c.dueAt) - now;
  if (left <= 0) return { level: "critical", text: `overdue by ${age(-left)}` };
  return { level: c.warnedAt || left < 15 * 60_000 ? "minor" : "info", text: `${age(left)} left` };
}

export function Clocks({ clocks }: { clocks: Clock[] | null | undefined }) {
  const now = useNow();
  if (!clocks?.length) return <p className="dim">No clock runs for this incident.</p>;
  return (
    <div className={classes.clocks}>
      {clocks.map((c) => {
        const s = standing(c, now);
        return (
          <div key={c.kind}>
            <div className="dim">{wording(c.kind)}</div>
            <div className="row"><Mark level={s.level} /><strong>{s.text}</strong></div>
            {c.dueAt && <div className="dim">due <At at={c.dueAt} /></div>}
            <div className="dim">{goDuration(c.target) ? age(goDuration(c.target)) : c.target} by {c.level}</div>
          </div>
        );
      })}
    </div>
  );
}

/** The clock that matters next, for a cell. */
export function ClockBrief({ clocks }: { clocks: Clock[] | null | undefined }) {
  const now = useNow();
  const next = clocks?.find((c) => c.state !== "stopped") ?? clocks?.at(-1);
  if (!next) return <span className="dim">–</span>;
  const s = standing(next, now);
  return <span className="row" style={{ gap: "0.375rem" }} title={wording(next.kind)}><Mark level={s.level} />{s.text}</span>;
}
