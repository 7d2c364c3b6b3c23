// The grid of a dashboard: 24 columns, nothing on top of another, no holes above.

import type { Panel, Place } from "@/api/dashboards";
import { everything, type Filling, type Values } from "./variables";

export const columns = 24;
/** Of one row of the grid, in pixels. */
export const rowHeight = 30;
export const gap = 8;

const overlap = (a: Place, b: Place) => a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h;

/** A place within the grid. */
export function clamp(p: Place): Place {
  const w = Math.min(Math.max(Math.round(p.w), 1), columns);
  return { w, h: Math.min(Math.max(Math.round(p.h), 1), 100), x: Math.min(Math.max(Math.round(p.x), 0), columns - w), y: Math.max(Math.round(p.y), 0) };
}

/** Moves everything up as far as it goes; held, when given, stays above those it meets. */
export function settle(places: Place[], held?: number): Place[] {
  const order = places.map((_, i) => i).sort((a, b) => places[a]!.y - places[b]!.y || (a === held ? -1 : b === held ? 1 : 0) || places[a]!.x - places[b]!.x || a - b);
  const out = places.slice();
  const done: number[] = [];
  for (const i of order) {
    const p = { ...places[i]! };
    // The lowest end of what is above and shares a column is where it comes to lie.
    p.y = Math.max(0, ...done.filter((j) => { const q = out[j]!; return p.x < q.x + q.w && q.x < p.x + p.w; }).map((j) => out[j]!.y + out[j]!.h));
    out[i] = p;
    done.push(i);
  }
  return out;
}

/** Puts one panel elsewhere; the others make way. */
export function move(places: Place[], index: number, to: Place): Place[] {
  const next = places.slice();
  next[index] = clamp(to);
  // Those it lies on are pushed below it, and they those below them.
  const push = [index];
  for (let at = push.shift(), turns = 0; at !== undefined && turns < 10_000; at = push.shift(), turns++) {
    for (let j = 0; j < next.length; j++) {
      if (j === at || j === index || !overlap(next[at]!, next[j]!)) continue;
      next[j] = { ...next[j]!, y: next[at]!.y + next[at]!.h };
      push.push(j);
    }
  }
  return settle(next, index);
}

/** Where a new panel of this size goes: below everything. */
export const below = (places: Place[]): number => Math.max(0, ...places.map((p) => p.y + p.h));

/** A panel as it is drawn: one of a repetition, perhaps. */
export interface Drawn {
  key: string;
  /** In the document. */
  index: number;
  panel: Panel;
  at: Place;
  /** Values of its own, of what it is repeated for. */
  values?: Values;
}

interface Section {
  row?: { panel: Panel; index: number };
  inside: { panel: Panel; index: number }[];
}

const order = (panels: Panel[]) => panels.map((panel, index) => ({ panel, index })).sort((a, b) => a.panel.at.y - b.panel.at.y || a.panel.at.x - b.panel.at.x || a.index - b.index);

function sections(panels: Panel[]): Section[] {
  const out: Section[] = [{ inside: [] }];
  for (const p of order(panels)) {
    if (p.panel.type === "row") out.push({ row: p, inside: [] });
    else out.at(-1)!.inside.push(p);
  }
  return out;
}

const repeats = (name: string | undefined, f: Filling): (Values | undefined)[] => {
  if (!name || !f.values[name]) return [undefined];
  const list = f.values[name].includes(everything) ? (f.options[name] ?? []).map((o) => o.value) : f.values[name];
  return list.length ? list.map((v) => ({ [name]: [v] })) : [undefined];
};

/**
 * What is drawn: repetitions side by side and on below, rows that are folded
 * without what is in them. folded says so by the key of a row.
 */
export function drawn(panels: Panel[], f: Filling, folded: (key: string, panel: Panel) => boolean): Drawn[] {
  const out: Drawn[] = [];
  let y = 0;
  for (const s of sections(panels)) {
    for (const own of repeats(s.row?.panel.repeat, f)) {
      const suffix = own ? ` ${Object.values(own)[0]![0]}` : "";
      if (s.row) {
        const key = `${s.row.index}${suffix}`;
        out.push({ key, index: s.row.index, panel: s.row.panel, at: { x: 0, y, w: columns, h: 1 }, values: own });
        y++;
        if (folded(key, s.row.panel)) continue;
      }
      const top = Math.min(...s.inside.map((p) => p.panel.at.y));
      const inside: Drawn[] = [];
      for (const p of s.inside) {
        const each = repeats(p.panel.repeat, { ...f, values: { ...f.values, ...own } });
        const w = p.panel.at.w, perLine = Math.max(1, Math.floor(columns / w));
        each.forEach((values, n) => {
          const at = each.length === 1 ? p.panel.at : { ...p.panel.at, x: (n % perLine) * w, y: p.panel.at.y + Math.floor(n / perLine) * p.panel.at.h };
          inside.push({ key: `${p.index}${suffix}${values ? ` ${Object.values(values)[0]![0]}` : ""}`, index: p.index, panel: p.panel, at: { ...at, y: at.y - top }, values: own || values ? { ...own, ...values } : undefined });
        });
      }
      const places = separate(inside.map((d) => d.at));
      inside.forEach((d, i) => out.push({ ...d, at: { ...places[i]!, y: places[i]!.y + y } }));
      y += below(places);
    }
  }
  return out;
}

/** Pushes down what lies on another; holes stay. */
export function separate(places: Place[]): Place[] {
  const done: Place[] = [];
  for (const p of places) {
    let at = p;
    for (let met = done.find((q) => overlap(at, q)); met; met = done.find((q) => overlap(at, q))) at = { ...at, y: met.y + met.h };
    done.push(at);
  }
  return done;
}
