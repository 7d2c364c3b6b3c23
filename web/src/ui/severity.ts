// One scale for everything: a word, a shape and a colour. The colour is never
// the only one to speak.

export type Level = "critical" | "major" | "minor" | "warning" | "info" | "clear" | "unknown";

export const levels: Level[] = ["critical", "major", "minor", "warning", "info", "clear", "unknown"];

const rank: Record<Level, number> = { critical: 6, major: 5, minor: 4, warning: 3, info: 2, unknown: 1, clear: 0 };

export const levelRank = (l: string | undefined) => rank[asLevel(l)];

export function asLevel(value: string | undefined): Level {
  return value !== undefined && value in rank ? (value as Level) : "unknown";
}

export function worst(values: (string | undefined)[]): Level {
  return values.reduce<Level>((w, v) => (v && levelRank(v) > rank[w] ? asLevel(v) : w), "clear");
}

/** The severity a state is shown with; states are words of many modules. */
export function levelOfState(state: string | undefined): Level {
  switch (state) {
    case "outage": case "missed": case "failed": case "critical": case "down": case "breached": case "blocked": case "expired": case "lost": case "dead":
      return "critical";
    case "partial-outage": case "open": case "opened": case "new": case "timed_out": case "timeout": case "rejected": case "reopened": case "failing": case "broken": case "firing":
      return "major";
    case "warning": case "degraded": case "waiting": case "awaiting_approval": case "approval": case "retrying": case "requested": case "suspect": case "flapping": case "pending_approval":
      return "minor";
    case "maintenance": case "scheduled": case "in-progress": case "identified": case "monitoring": case "acknowledged": case "running": case "in_progress": case "assigned": case "active": case "investigating": case "starting": case "resolving": case "proposed": case "started": case "approved": case "implementing":
      return "info";
    case "operational": case "completed": case "ok": case "up": case "clear": case "cleared": case "resolved": case "closed": case "succeeded": case "done": case "connected": case "verified": case "passed": case "met": case "healthy": case "enabled": case "live":
      return "clear";
    default:
      return "unknown";
  }
}

/** "in_progress" as a person reads it. */
export function wording(state: string): string {
  const s = state.replaceAll(/[_-]/g, " ");
  return s.charAt(0).toUpperCase() + s.slice(1);
}
