// What a ledger entry makes stale: the records it is about, the lists they are
// in, and the summaries that count them.

import type { LedgerEntry } from "./types";

const also: Record<string, string[]> = {
  alert: ["situation", "item", "map", "summary"],
  "service-health-rule": ["service-health"],
  situation: ["alert", "incident", "item", "map", "summary"],
  incident: ["situation", "summary"],
  run: ["situation", "incident", "summary"],
  remediation: ["run", "situation"],
  check: ["item", "map", "summary"],
  item: ["map", "summary"],
  relation: ["item", "map"],
  agent: ["item", "summary"],
  maintenance: ["alert", "check"],
  change: ["maintenance"],
  silence: ["alert"],
  "availability-target": ["availability"],
  "status-incident": ["status-page"],
  duplicate: ["item"],
};

/** The first parts of the query keys an entry touches. */
export function touched(entry: Pick<LedgerEntry, "subject">): string[] {
  const kind = entry.subject?.kind ?? "";
  return [...new Set(["ledger", kind, ...(also[kind] ?? [])])].filter(Boolean);
}
