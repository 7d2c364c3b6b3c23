import type { ServicePast } from "@/api/types";
import { written } from "@/format/time";
import { levelOfState } from "@/ui/severity";
import classes from "./Health.module.css";
import { minutes, percent, pieces, stateWords } from "./words";

/** How something stood over a time, as one line. */
export function Strip({ past, from, to, tall }: { past: ServicePast | undefined; from: number; to: number; tall?: boolean }) {
  const f = past?.figures;
  const told = f ? `Available ${percent(f.availability)}; ${f.outages} outages; down ${minutes(f.minutes.down)}, degraded ${minutes(f.minutes.degraded)}, maintenance ${minutes(f.minutes.maintenance)}, unknown ${minutes(f.minutes.unknown)}` : "Reading…";
  return (
    <div className={classes.strip} data-tall={tall || undefined} role="img" aria-label={told} title={tall ? undefined : told}>
      {pieces(past, from, to).map((p) => (
        <i key={p.from} data-state={p.state} data-level={levelOfState(p.state)} style={{ left: `${p.left}%`, width: `${p.width}%` }} title={tall ? `${stateWords[p.state]} from ${written(p.from)} to ${written(p.to)}` : undefined} />
      ))}
    </div>
  );
}
