import classes from "./Badges.module.css";
import { Mark } from "./Mark";
import { asLevel, levelOfState, wording } from "./severity";

/** A severity: shape, word, colour. */
export function SeverityBadge({ severity, soft }: { severity: string | undefined; soft?: boolean }) {
  const level = asLevel(severity);
  return (
    <span className={classes.badge} data-soft={soft || undefined} style={{ "--level": `var(--${level})`, "--soft": `var(--${level}-soft)` } as React.CSSProperties}>
      <Mark level={level} />
      <span>{wording(severity || "unknown")}</span>
    </span>
  );
}

/** A state of any module in its own word, with the colour of what it means. */
export function StateBadge({ state, soft }: { state: string | undefined; soft?: boolean }) {
  const level = levelOfState(state);
  return (
    <span className={classes.badge} data-soft={soft || undefined} style={{ "--level": `var(--${level})`, "--soft": `var(--${level}-soft)` } as React.CSSProperties}>
      <Mark level={level} />
      <span>{wording(state || "unknown")}</span>
    </span>
  );
}

const priorityLevel: Record<string, string> = { P1: "critical", P2: "major", P3: "minor", P4: "info" };

/** P1 (most urgent) to P5. */
export function PriorityBadge({ priority }: { priority: string | undefined }) {
  const level = priorityLevel[priority ?? ""] ?? "unknown";
  return (
    <span className={classes.priority} style={{ "--level": `var(--${level})`, "--soft": `var(--${level}-soft)` } as React.CSSProperties} title={priority ? `Priority ${priority.slice(1)}` : "No priority"}>
      {priority || "P–"}
    </span>
  );
}

/** A severity where there is room for its shape alone; the word is on hover, and for those who cannot see it. */
export const SeverityMark = ({ severity }: { severity: string | undefined }) => <span title={wording(severity || "unknown")}><Mark level={severity} size={15} style={{ verticalAlign: "middle" }} /><span className="unseen">{wording(severity || "unknown")}</span></span>;

/** The same for a state. */
export const StateMark = ({ state }: { state: string | undefined }) => <span title={wording(state || "unknown")}><Mark level={levelOfState(state)} size={15} style={{ verticalAlign: "middle" }} /><span className="unseen">{wording(state || "unknown")}</span></span>;

/** A neutral label: a class, a source, a tag. */
export const Tag = ({ children }: { children: React.ReactNode }) => <span className={classes.tag}>{children}</span>;

/** How many: quiet when zero. */
export function Count({ value, level }: { value: number | undefined; level?: string }) {
  return (
    <span className={classes.count} data-zero={!value || undefined} style={level ? ({ "--level": `var(--${asLevel(level)})` } as React.CSSProperties) : undefined}>
      {value === undefined ? "–" : value.toLocaleString("en")}
    </span>
  );
}
