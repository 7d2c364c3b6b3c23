import type { LedgerEntry } from "@/api/types";
import { asLevel, type Level } from "@/ui/severity";

export const markKinds = ["alerts", "situations", "maintenance", "changes"] as const;
export type MarkKind = (typeof markKinds)[number];

/** Something that happened to items and is marked on time series. */
export interface Happening {
  kind: MarkKind;
  /** In milliseconds; without an end it is a moment, or still goes on. */
  from: number;
  to?: number;
  lasts?: boolean;
  level: Level;
  text: string;
  ref: { kind: string; id: string };
}

/** What of the ledger is a change of an item, by the beginnings of its types. */
const changes = ["graph.item.changed", "graph.item.merged", "graph.relation.changed", "jobs.run.started", "desk.change.", "configuration.", "applications.deployment.", "monitor.check.updated"];
const types: Record<MarkKind, string[]> = {
  alerts: ["events.alert.opened", "events.alert.cleared", "events.alert.closed"],
  situations: ["events.situation.opened", "events.situation.closed"],
  maintenance: [], // asked for by itself: a window over everything names no item
  changes,
};
export const maintenanceTypes = ["monitor.maintenance.started", "monitor.maintenance.ended"];

/** The kinds that a dashboard marks. */
export const marked = (marks: string[] | undefined | null): MarkKind[] => markKinds.filter((k) => !marks?.length || marks.includes(k));

/** What is asked of the ledger about the items. */
export const typesOf = (kinds: MarkKind[]) => kinds.flatMap((k) => types[k]);

const ends = /\.(cleared|closed|ended)$/;
const kindOf = (type: string): MarkKind => (type.startsWith("events.alert.") ? "alerts" : type.startsWith("events.situation.") ? "situations" : type.startsWith("monitor.maintenance.") ? "maintenance" : "changes");
const time = (v: unknown): number | undefined => (typeof v === "string" && !Number.isNaN(Date.parse(v)) ? Date.parse(v) : undefined);

/** Entries, in any order, as what happened: what begins and ends is one. What began before the first entry began when its end says. */
export function happenings(entries: LedgerEntry[]): Happening[] {
  const out: Happening[] = [];
  const open = new Map<string, Happening>();
  for (const e of [...entries].sort((a, b) => a.seq - b.seq)) {
    const kind = kindOf(e.type);
    const at = Date.parse(e.at);
    const key = `${kind} ${e.subject.id}`;
    const mark = (from: number): Happening => ({ kind, from, level: kind === "alerts" || kind === "situations" ? asLevel(e.data?.severity as string | undefined) : "info", text: e.summary, ref: e.subject });
    if (kind === "changes") out.push(mark(at));
    else if (!ends.test(e.type)) {
      const begun = { ...mark(at), lasts: true };
      out.push(begun);
      open.set(key, begun);
    } else {
      const begun = open.get(key);
      if (begun) { begun.to = at; begun.lasts = undefined; }
      else {
        const from = time(e.data?.openedAt) ?? time(e.data?.start);
        out.push({ ...mark(from ?? at), to: from === undefined ? undefined : at });
      }
      open.delete(key);
    }
  }
  return out;
}

/** Of maintenance, what concerns the items: its own, or everything. */
export const concerning = (entries: LedgerEntry[], items: string[]) => entries.filter((e) => !e.related?.length || e.related.some((id) => items.includes(id)));

export interface Placed {
  /** In pixels. */
  x: number;
  /** Where those that last end, as far as the drawing goes. */
  spans: { from: number; to: number; level: Level }[];
  level: Level;
  of: Happening[];
}

const rank: Level[] = ["clear", "unknown", "info", "warning", "minor", "major", "critical"];

/** Where marks lie on an axis; those too near to each other are one. */
export function place(list: Happening[], from: number, to: number, width: number, near = 14): Placed[] {
  const x = (at: number) => ((Math.min(Math.max(at, from), to) - from) / (to - from)) * width;
  const out: Placed[] = [];
  for (const h of [...list].sort((a, b) => a.from - b.from)) {
    if (h.from > to || (h.to ?? (h.lasts ? to : h.from)) < from) continue;
    const at = x(h.from);
    let mark = out.at(-1);
    if (!mark || at - mark.x > near) out.push((mark = { x: at, spans: [], level: h.level, of: [] }));
    mark.of.push(h);
    if (rank.indexOf(h.level) > rank.indexOf(mark.level)) mark.level = h.level;
    if (h.to !== undefined || h.lasts) mark.spans.push({ from: at, to: x(h.to ?? to), level: h.level });
  }
  return out;
}
