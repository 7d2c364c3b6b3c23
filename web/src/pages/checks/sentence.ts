import type { Target } from "@/api/types";

/** The state of a check on one item and how it came about, in a sentence or two. */
export function stateSentence(t: Pick<Target, "status" | "hard" | "attempt" | "disabled" | "flapping">, retries: number | undefined): string {
  const needed = (retries ?? 0) + 1;
  const flapping = t.flapping ? " It changes often, so it counts as flapping." : "";
  if (t.disabled) return "It is switched off: it is not run.";
  if (t.status === "pending") return "It has not run yet.";
  if (t.status === "unreachable") return `Something it depends on fails, so this result says nothing of its own.${flapping}`;
  if (t.status === "ok") return t.hard ? `The newest result is ok.${flapping}` : `The newest result is ok; it counts as recovered when that lasts.${flapping}`;
  if (!t.hard) return `The newest result is ${t.status}, but a fault counts only after ${needed} in a row; this is attempt ${t.attempt}. It is run again soon.${flapping}`;
  return `${needed > 1 ? `${needed} results in a row were` : "The newest result was"} not ok, so the fault counts and an alert is open.${flapping}`;
}
