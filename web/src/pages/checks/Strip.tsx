import type { CheckResult } from "@/api/types";
import { seconds } from "@/format/number";
import { exact } from "@/format/time";
import { levelOfState, wording } from "@/ui/severity";
import classes from "./Check.module.css";

/** The newest results as a strip, oldest left: height and colour tell ok from not. */
export function Strip({ results }: { results: CheckResult[] }) {
  const shown = [...results].sort((a, b) => Date.parse(a.at) - Date.parse(b.at)).slice(-90);
  if (!shown.length) return null;
  const bad = shown.filter((r) => r.state !== "ok").length;
  return (
    <div className={classes.strip} role="img" aria-label={`${shown.length} newest results, ${bad} not ok`}>
      {shown.map((r) => <span key={r.at} data-ok={r.state === "ok" || undefined} style={{ background: `var(--${levelOfState(r.state)})` }} title={`${exact(Date.parse(r.at))} ${wording(r.state)}${r.latency === undefined ? "" : `, ${seconds(r.latency)}`}${r.message ? `\n${r.message}` : ""}`} />)}
    </div>
  );
}
