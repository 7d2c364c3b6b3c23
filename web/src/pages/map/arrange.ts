// Where groups stand: in reading order, what needs others before what is
// needed, broken into rows so that the whole fills the shape of the window.
// It takes a millisecond for any number of members, so nothing has to wait.

import type { Drawn, DrawnEdge, Group } from "./model";

export interface Place {
  x: number;
  y: number;
}

export const tile = { width: 150, height: 30, gap: 10 };
export const closed = { width: 232, height: 74 };
export const padding = 18;
const between = { x: 56, y: 56 };

/** The inside of an open group: columns so that it comes out a little wider than high. */
export function grid(count: number): { columns: number; width: number; height: number; font: number; head: number } {
  const columns = Math.max(1, Math.ceil(Math.sqrt((count * (tile.height + tile.gap) * 1.7) / (tile.width + tile.gap))));
  const rows = Math.ceil(count / columns);
  const width = columns * (tile.width + tile.gap) - tile.gap + 2 * padding;
  // A large group is looked at from further away, so its name is larger.
  const font = Math.min(96, Math.max(20, Math.round(width / 16)));
  const head = Math.round(font * 1.5);
  return { columns, width, height: rows * (tile.height + tile.gap) - tile.gap + 2 * padding + head, font, head };
}

const size = (g: Group) => (g.open ? grid(g.size) : closed);

/**
 * An order in which few relations point backwards: sources first, sinks last,
 * and in a circle the one that needs most (Eades, Lin and Smyth, 1993).
 */
export function sequence(ids: string[], edges: Pick<DrawnEdge, "from" | "to" | "count">[]): string[] {
  const left = new Set(ids);
  const first: string[] = [], last: string[] = [];
  const out = new Map<string, number>(), into = new Map<string, number>();
  const add = (m: Map<string, number>, k: string, n: number) => m.set(k, (m.get(k) ?? 0) + n);
  for (const e of edges) {
    add(out, e.from, e.count);
    add(into, e.to, e.count);
  }
  const take = (id: string, list: string[]) => {
    left.delete(id);
    list.push(id);
    for (const e of edges) {
      if (e.from === id) add(into, e.to, -e.count);
      if (e.to === id) add(out, e.from, -e.count);
    }
  };
  while (left.size) {
    const sink = [...left].find((id) => !out.get(id) && into.get(id));
    if (sink) take(sink, last);
    else {
      const needs = (id: string) => (into.get(id) ? (out.get(id) ?? 0) - into.get(id)! : Infinity);
      take([...left].reduce((a, b) => (needs(b) > needs(a) ? b : a)), first);
    }
  }
  return [...first, ...last.reverse()];
}

interface Row {
  groups: Group[];
  width: number;
  height: number;
}

function rowsOf(groups: Group[], width: number): Row[] {
  const rows: Row[] = [];
  for (const g of groups) {
    const s = size(g), row = rows.at(-1);
    if (row && row.width + between.x + s.width <= width) {
      row.groups.push(g);
      row.width += between.x + s.width;
      row.height = Math.max(row.height, s.height);
    } else rows.push({ groups: [g], width: s.width, height: s.height });
  }
  return rows;
}

const extent = (rows: Row[]) => ({ width: Math.max(...rows.map((r) => r.width)), height: rows.reduce((h, r) => h + r.height + between.y, -between.y) });

/** The centre of every group and of every member of an open one. */
export function arrange(d: Drawn, aspect: number): Map<string, Place> {
  const places = new Map<string, Place>();
  if (!d.groups.length) return places;
  const stands = new Map<string, string>(d.groups.flatMap((g) => [[g.id, g.id] as const, ...g.members.map((m) => [m.id, g.id] as const)]));
  const edges = d.edges.map((e) => ({ from: stands.get(e.from) ?? "", to: stands.get(e.to) ?? "", count: e.count })).filter((e) => e.from !== e.to);
  const byId = new Map(d.groups.map((g) => [g.id, g]));
  const groups = sequence(d.groups.map((g) => g.id), edges).map((id) => byId.get(id)!);
  const scale = (rows: Row[]) => { const e = extent(rows); return Math.min(aspect / e.width, 1 / e.height); };
  let best: Row[] | undefined;
  for (let n = 1, width = Math.max(...groups.map((g) => size(g).width)); n <= 40; n++, width += closed.width + between.x) {
    const rows = rowsOf(groups, width);
    if (!best || scale(rows) > scale(best) * 1.0001) best = rows;
    if (rows.length === 1) break;
  }
  const whole = extent(best!);
  let y = 0;
  for (const row of best!) {
    let x = (whole.width - row.width) / 2;
    for (const g of row.groups) {
      const s = size(g), top = y + (row.height - s.height) / 2;
      if (!g.open) places.set(g.id, { x: x + s.width / 2, y: top + s.height / 2 });
      else {
        const { columns, head } = grid(g.size);
        places.set(g.id, { x: x + s.width / 2, y: top + head + (s.height - head) / 2 });
        g.members.forEach((m, i) => places.set(m.id, { x: x + padding + (i % columns) * (tile.width + tile.gap) + tile.width / 2, y: top + padding + head + Math.floor(i / columns) * (tile.height + tile.gap) + tile.height / 2 }));
      }
      x += s.width + between.x;
    }
    y += row.height + between.y;
  }
  return places;
}
