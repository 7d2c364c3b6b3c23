// Two people changed a dashboard: what each did since both had the same is put together.

import type { Panel, Spec } from "@/api/dashboards";
import { separate } from "./grid";

export type Side = "mine" | "theirs";

/** Something that both changed, differently. */
export interface Conflict {
  key: string;
  what: string;
}

export interface Merged {
  spec: Spec;
  conflicts: Conflict[];
  /** What the other did, in words. */
  theirs: string[];
}

const text = (v: unknown) => JSON.stringify(v ?? null, (_k, x: unknown) => (x && typeof x === "object" && !Array.isArray(x) ? Object.fromEntries(Object.entries(x).sort(([a], [b]) => (a < b ? -1 : 1))) : x));
const same = (a: unknown, b: unknown) => text(a) === text(b);
const content = ({ at: _at, ...rest }: Panel) => rest;
export const called = (p: Panel) => (p.title ? `the panel “${p.title}”` : `a panel (${p.type}) without a title`);

/** Which panel of after was which of before: its place in the list, or -1. The surest signs are looked at first. */
export function partners(before: Panel[], after: Panel[]): number[] {
  const out = before.map(() => -1);
  const taken = new Set<number>();
  const signs: ((a: Panel, b: Panel) => boolean)[] = [
    same,
    (a, b) => same(content(a), content(b)),
    (a, b) => a.type === b.type && Boolean(a.title) && a.title === b.title,
    (a, b) => a.type === b.type && same(a.targets, b.targets) && Boolean(a.targets?.length),
    (a, b) => a.type === b.type && same(a.at, b.at),
    (a, b) => Boolean(a.title) && a.title === b.title && same(a.at, b.at),
  ];
  for (const alike of signs) before.forEach((a, i) => {
    if (out[i]! >= 0) return;
    const n = after.findIndex((b, k) => !taken.has(k) && alike(a, b));
    if (n >= 0) { out[i] = n; taken.add(n); }
  });
  return out;
}

/** Puts together what mine and theirs made of base. Of what both changed, take says whose is taken; without it mine. */
export function merge(base: Spec, mine: Spec, theirs: Spec, take: Record<string, Side> = {}): Merged {
  const conflicts: Conflict[] = [];
  const told: string[] = [];
  const choose = <T>(key: string, what: string, m: T, t: T): T => {
    conflicts.push({ key, what });
    return take[key] === "theirs" ? t : m;
  };
  const spec: Record<string, unknown> = {};
  const [b, m, t] = [base, mine, theirs] as unknown as Record<string, unknown>[];
  for (const key of new Set([...Object.keys(t!), ...Object.keys(m!)])) {
    if (key === "panels") { spec.panels = []; continue; } // its place among the others
    const theyDid = !same(b![key], t![key]);
    if (theyDid) told.push(`changed the ${key}`);
    const v = !theyDid ? m![key] : same(b![key], m![key]) || same(m![key], t![key]) ? t![key] : choose(key, `the ${key} of the dashboard`, m![key], t![key]);
    if (v !== undefined) spec[key] = v;
  }
  const was = base.panels ?? [], my = mine.panels ?? [], their = theirs.panels ?? [];
  const inMine = partners(was, my), inTheirs = partners(was, their);
  const made = new Map<Panel, Panel | undefined>(); // what becomes of a panel of mine
  const kept: Panel[] = []; // of theirs, where mine has it no more
  was.forEach((p, i) => {
    const mp = my[inMine[i]!], tp = their[inTheirs[i]!];
    const key = `panel ${i}`;
    if (!tp) {
      told.push(`removed ${called(p)}`);
      if (mp && !same(content(mp), content(p))) made.set(mp, choose(key, `${called(mp)}: you changed it, the other removed it`, mp, undefined as never));
      else if (mp) made.set(mp, undefined);
      return;
    }
    if (!same(content(tp), content(p))) told.push(`changed ${called(tp)}`);
    else if (!same(tp.at, p.at)) told.push(`moved ${called(tp)}`);
    if (!mp) {
      if (!same(content(tp), content(p)) && choose<Panel | undefined>(key, `${called(tp)}: you removed it, the other changed it`, undefined, tp)) kept.push(tp);
      return;
    }
    const body = same(content(mp), content(p)) ? tp : same(content(tp), content(p)) || same(content(tp), content(mp)) ? mp : choose(key, `${called(mp)}: both changed it`, mp, tp);
    made.set(mp, { ...body, at: same(mp.at, p.at) ? tp.at : mp.at });
  });
  const added = their.filter((_p, n) => !inTheirs.includes(n) && !my.some((p, k) => !inMine.includes(k) && same(p, their[n])));
  for (const p of added) told.push(`added ${called(p)}`);
  const panels = [...my.flatMap((p) => (made.has(p) ? made.get(p) ?? [] : [p])), ...kept, ...added];
  const places = separate(panels.map((p) => p.at));
  if (spec.panels) spec.panels = panels.map((p, i) => ({ ...p, at: places[i]! }));
  return { spec: spec as unknown as Spec, conflicts, theirs: told };
}
