import type { Check } from "@/api/types";

/** The state and how it came about, in one or two sentences. */
export function stateSentence(c: Pick<Check, "state" | "stateType" | "attempt" | "maxAttempts">): string {
  if (c.state === "pending") return "It has not run yet.";
  if (c.stateType === "soft") return `The newest result is not ok, but a fault counts only after ${c.maxAttempts ?? "several"} in a row; this is attempt ${c.attempt ?? 1}. It is run again soon.`;
  if (c.state === "ok") return "The newest result is ok.";
  return `${c.maxAttempts && c.maxAttempts > 1 ? `${c.maxAttempts} results in a row were` : "The newest result was"} not ok, so the fault counts and an alert is open.`;
}
