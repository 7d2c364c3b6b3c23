// Results as the shapes that panels draw: tables, cells of a heatmap, stretches of states.

import type { Result } from "@/api/promql";
import type { Panel } from "@/api/dashboards";
import { mappingOf, shown, thresholdOf } from "./values";
import type { Level } from "@/ui/severity";

export interface TableData {
  columns: string[];
  rows: (string | number | null)[][];
}

/** Newest values as a table: a column for each label that tells something, and one for each query. */
export function table(results: { name: string; series: Result[] }[], hide: string[] = []): TableData {
  const labels = new Set<string>();
  for (const r of results) for (const s of r.series) for (const k of Object.keys(s.labels)) if (k !== "__name__") labels.add(k);
  const keys = [...labels].filter((k) => !hide.includes(k)).sort();
  const rows = new Map<string, (string | number | null)[]>();
  results.forEach((r, n) => {
    for (const s of r.series) {
      const id = JSON.stringify(keys.map((k) => s.labels[k] ?? ""));
      const row = rows.get(id) ?? [...keys.map((k) => s.labels[k] ?? ""), ...results.map(() => null)];
      row[keys.length + n] = s.points.at(-1)?.[1] ?? null;
      rows.set(id, row);
    }
  });
  const columns = [...keys, ...results.map((r) => r.name)];
  const kept = columns.map((c, i) => (hide.includes(c) ? -1 : i)).filter((i) => i >= 0);
  return { columns: kept.map((i) => columns[i]!), rows: [...rows.values()].map((row) => kept.map((i) => row[i]!)) };
}

/** Sorted by a column: numbers by size, what is missing last. */
export function sorted(data: TableData, column: number, down: boolean): TableData {
  const rows = data.rows.slice().sort((a, b) => {
    const x = a[column], y = b[column];
    if (x === null || x === undefined) return y === null || y === undefined ? 0 : 1;
    if (y === null || y === undefined) return -1;
    const by = typeof x === "number" && typeof y === "number" ? x - y : String(x).localeCompare(String(y), undefined, { numeric: true });
    return down ? -by : by;
  });
  return { ...data, rows };
}

export interface Cell {
  time: number;
  low: number;
  high: number;
  count: number;
}

export interface Heat {
  cells: Cell[];
  /** The bounds between rows, rising; the last may be infinite. */
  bounds: number[];
  most: number;
}

/** The cells of histograms: native ones, or the running counts of series with the label le. */
export function heat(series: Result[]): Heat {
  const cells: Cell[] = [];
  const add = (time: number, low: number, high: number, count: number) => { if (count > 0 && Number.isFinite(count)) cells.push({ time, low, high, count }); };
  for (const s of series) for (const h of s.histograms ?? []) for (const b of h.buckets) add(h.time, b.low, b.high, b.count);
  const classic = series.filter((s) => s.labels.le !== undefined && s.points.length);
  // Series that differ in other labels are counted together.
  const byBound = new Map<number, Map<number, number>>();
  for (const s of classic) {
    const le = s.labels.le === "+Inf" ? Infinity : Number(s.labels.le);
    if (Number.isNaN(le)) continue;
    const at = byBound.get(le) ?? new Map<number, number>();
    for (const [t, v] of s.points) at.set(t, (at.get(t) ?? 0) + v);
    byBound.set(le, at);
  }
  const bounds = [...byBound.keys()].sort((a, b) => a - b);
  bounds.forEach((high, i) => {
    const before = i ? byBound.get(bounds[i - 1]!)! : undefined;
    const low = i ? bounds[i - 1]! : high > 0 ? 0 : high;
    for (const [t, v] of byBound.get(high)!) add(t, low, high, v - (before?.get(t) ?? 0));
  });
  const all = [...new Set(cells.flatMap((c) => [c.low, c.high]).concat(bounds))].sort((a, b) => a - b);
  return { cells, bounds: all, most: Math.max(0, ...cells.map((c) => c.count)) };
}

export interface Stretch {
  from: number;
  to: number;
  text: string;
  level?: Level;
}

/** A series as stretches of one state each. A hole of more than two steps is none. */
export function stretches(points: [number, number][], step: number, p: Pick<Panel, "mappings" | "thresholds" | "unit" | "decimals">): Stretch[] {
  const out: Stretch[] = [];
  for (const [t, v] of points) {
    if (Number.isNaN(v)) continue;
    const m = mappingOf(v, p.mappings), th = thresholdOf(v, p.thresholds);
    const text = m?.text || (th && p.thresholds!.length > 1 && !m ? `${th.severity}` : shown(v, p.unit, p.decimals));
    const level = (m?.severity ?? th?.severity) as Level | undefined;
    const last = out.at(-1);
    if (last && t - last.to <= step * 1.01 && last.text === text && last.level === level) last.to = t + step;
    else out.push({ from: t, to: t + step, text, level });
    // What overlaps ends where the next begins.
    const before = out.at(-2);
    if (before && before.to > out.at(-1)!.from) before.to = out.at(-1)!.from;
  }
  return out;
}

/** Running sums of series on one time axis, each on those before; shares of all with percent. */
export function stacked(ys: (number | null)[][], percent: boolean): (number | null)[][] {
  const length = ys[0]?.length ?? 0;
  const totals = Array.from({ length }, (_, i) => ys.reduce((n, y) => n + (y[i] ?? 0), 0));
  const running = new Array<number>(length).fill(0);
  return ys.map((y) => y.map((v, i) => {
    running[i]! += v ?? 0;
    if (v === null && ys.every((o) => o[i] === null)) return null;
    return percent ? (totals[i] ? running[i]! / totals[i]! : 0) : running[i]!;
  }));
}
