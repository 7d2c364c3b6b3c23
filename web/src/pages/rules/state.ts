import type { MetricRule } from "@/api/types";

/** A rule in one word: the worst that is true of it. */
export function ruleState(r: Pick<MetricRule, "health" | "firing" | "pending" | "spec">): string {
  if (r.spec.disabled) return "disabled";
  if (r.health === "err") return "broken";
  if (r.firing) return "firing";
  if (r.pending) return "pending";
  return r.health === "ok" ? "ok" : "waiting";
}

/** The same in a sentence or two. */
export function ruleSentence(r: Pick<MetricRule, "health" | "firing" | "pending" | "spec">): string {
  switch (ruleState(r)) {
    case "disabled": return "It is switched off: nothing is evaluated, and what it had open is cleared.";
    case "broken": return "The expression could not be evaluated. What was open stays open until it can be again.";
    case "firing": return `${count(r.firing, "series counts", "series count")}, and ${r.firing === 1 ? "its alert is" : "their alerts are"} open.${r.pending ? ` ${r.pending} more ${r.pending === 1 ? "is" : "are"} there, but not long enough yet.` : ""}`;
    case "pending": return `${count(r.pending, "series is", "series are")} there, but ${r.pending === 1 ? "counts" : "count"} only after ${r.spec.for ?? "a moment"}.`;
    case "ok": return r.spec.record ? `The series of the expression are written as ${r.spec.record}.` : "The expression gives no series: nothing is wrong.";
    default: return "It has not been evaluated yet.";
  }
}

const count = (n: number, one: string, many: string) => `${n} ${n === 1 ? one : many}`;
