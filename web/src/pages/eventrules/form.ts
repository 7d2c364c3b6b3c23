import type { EventRuleDifference, EventRuleSpec } from "@/api/types";

/** What a rule does, in a few words. */
export function deeds(r: EventRuleSpec): string[] {
  const out: string[] = [];
  const set = r.set ?? {};
  if (r.lookup?.length) out.push(`looks up ${r.lookup.map((l) => l.table).join(", ")}`);
  if (r.enrich?.length) out.push(`adds ${r.enrich.join(", ")}`);
  const fields = Object.entries(set).filter(([, v]) => v).map(([k, v]) => (k === "severity" && /^[a-z]+$/.test(v) ? `severity ${v}` : k));
  if (fields.length) out.push(`sets ${fields.join(", ")}`);
  if (r.labels && Object.keys(r.labels).length) out.push(`labels ${Object.keys(r.labels).join(", ")}`);
  if (r.annotations && Object.keys(r.annotations).length) out.push(`annotates ${Object.keys(r.annotations).join(", ")}`);
  if (r.clears) out.push("clears others");
  if (r.threshold) out.push(`from ${r.threshold.count} within ${r.threshold.within}`);
  if (r.hold) out.push(`holds ${r.hold}`);
  if (r.flapping) out.push(`flapping at ${r.flapping.changes} in ${r.flapping.within}`);
  if (r.storm) out.push(`storm above ${r.storm.rate} in ${r.storm.per}`);
  if (r.expire) out.push(`expires after ${r.expire}`);
  if (r.escalate?.length) out.push(`escalates ${r.escalate.map((e) => `to ${e.severity} after ${e.after}`).join(", ")}`);
  if (r.discard) out.push("discards");
  if (r.drop) out.push("drops");
  if (r.stop) out.push("stops");
  return out;
}

export type Lookup = NonNullable<EventRuleSpec["lookup"]>[number];

/** What is wrong with one of the tables that a rule looks into. */
export function faultOfLookup(faults: Record<string, string>, index: number): string | undefined {
  const prefix = `lookup[${index}]`;
  return Object.entries(faults).find(([f]) => f === prefix || f.startsWith(`${prefix}.`))?.[1];
}

/** Pairs as lines of "name = expression". */
export const lines = (pairs: Record<string, string> | undefined) => Object.entries(pairs ?? {}).map(([k, v]) => `${k} = ${v}`).join("\n");

export function pairs(text: string): Record<string, string> | undefined {
  const out: Record<string, string> = {};
  for (const line of text.split("\n")) {
    const at = line.indexOf("=");
    if (at > 0 && line.slice(0, at).trim() && line.slice(at + 1).trim()) out[line.slice(0, at).trim()] = line.slice(at + 1).trim();
  }
  return Object.keys(out).length ? out : undefined;
}

/** Escalation as lines of "15m critical". */
export const steps = (list: EventRuleSpec["escalate"]) => (list ?? []).map((e) => `${e.after} ${e.severity}`).join("\n");

export function escalation(text: string): EventRuleSpec["escalate"] {
  const list = text.split("\n").map((l) => l.trim().split(/\s+/)).filter((w) => w[0]).map(([after, severity]) => ({ after: after!, severity: (severity ?? "") as "critical" }));
  return list.length ? list : undefined;
}

/** A rule without what is empty. */
export function trimmed(r: EventRuleSpec): EventRuleSpec {
  const out: Record<string, unknown> = {};
  for (const [k, v] of Object.entries(r)) {
    if (v === undefined || v === null || v === "" || (v === false && k !== "enabled") || (Array.isArray(v) && !v.length)) continue;
    const kept: unknown = k === "set" ? Object.fromEntries(Object.entries(v as object).filter(([, x]) => x)) : v;
    if (k !== "set" || Object.keys(kept as object).length) out[k] = kept;
  }
  return out as unknown as EventRuleSpec;
}

/** The errors of one rule of a document, by field. */
export function faultsOf(errors: { field: string; rule: string }[] | undefined, index: number): Record<string, string> {
  const prefix = `spec.rules[${index}]`;
  return Object.fromEntries((errors ?? []).filter((e) => e.field.startsWith(prefix)).map((e) => [e.field.slice(prefix.length).replace(/^\./, ""), e.rule]));
}

/** The messages of each receiver on both sides of a replay. */
export function receiversOf(d: Pick<EventRuleDifference, "active" | "draft">): { receiver: string; active: number; draft: number }[] {
  const of = (side: EventRuleDifference["active"]) => new Map(side.receivers.map((r) => [r.receiver, r.messages]));
  const active = of(d.active), draft = of(d.draft);
  return [...new Set([...active.keys(), ...draft.keys()])].sort().map((receiver) => ({ receiver, active: active.get(receiver) ?? 0, draft: draft.get(receiver) ?? 0 }));
}

export const moved = <T,>(list: T[], from: number, to: number): T[] => {
  if (to < 0 || to >= list.length) return list;
  const next = [...list];
  next.splice(to, 0, ...next.splice(from, 1));
  return next;
};
