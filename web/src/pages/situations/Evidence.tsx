import type { Candidate } from "@/api/types";
import classes from "./Situation.module.css";
import { signWords } from "./words";

/** What is measured of a candidate, as short lines: what kind of evidence, and what it says. What weighs is set apart from what only explains. */
export function Evidence({ of }: { of: Candidate }) {
  const signs = of.evidence ?? [];
  if (!signs.length) return null;
  return (
    <dl className={classes.evidence} aria-label={`What is measured of ${of.name}`}>
      {signs.map((e, i) => (
        <div key={i} data-weighs={e.weight > 0 || undefined} title={e.weight > 0 ? `Counts for ${Math.round(e.weight * 100)} of 100` : undefined}>
          <dt>{signWords[e.sort] ?? e.sort}</dt>
          <dd>{e.text}</dd>
        </div>
      ))}
    </dl>
  );
}
