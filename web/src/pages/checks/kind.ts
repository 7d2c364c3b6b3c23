import type { Check } from "@/api/types";

const kinds = ["icmp", "tcp", "http", "dns", "process", "service", "command"] as const;

/** What a check measures: the part of its definition that is there. */
export const kindOf = (spec: Check["spec"]) => spec.heartbeat ? "heartbeat" : spec.passive ? "passive" : kinds.find((k) => spec[k] !== undefined) ?? "check";

const order = ["critical", "unknown", "warning", "unreachable", "pending", "ok"];

/** Sorts what is in a worse state first. */
export const byWorst = (a: { status: string }, b: { status: string }) => order.indexOf(a.status) - order.indexOf(b.status);

/** The state that stands for a check on several items: the worst. */
export function worstStatus(statuses: string[]): string {
  return order.find((s) => statuses.includes(s)) ?? "pending";
}
