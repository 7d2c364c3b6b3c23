import type { CheckResult } from "@/api/types";
import { exact } from "@/format/time";
import { levelOfState, wording } from "@/ui/severity";
import classes from "./Check.module.css";

/** The newest results as a strip, oldest left: height and colour tell ok from not. */
export function Strip({ results }: { results: CheckResult[] }) {
  const shown = [...results].sort((a, b) => Date.parse(a.at) - Date.parse(b.at)).slice(-90);
  if (!shown.length) return null;
  const bad = shown.filter((r) => r.status !== "ok").length;
  return (
    <div className={classes.strip} role="img" aria-label={`${shown.length} newest results, ${bad} not ok`}>
      {shown.map((r) => <span key={r.target + r.at} data-ok={r.status === "ok" || undefined} style={{ background: `var(--${levelOfState(r.status)})` }} title={`${exact(Date.parse(r.at))} ${wording(r.status)}, ${r.duration}\n${r.output}`} />)}
    </div>
  );
}
