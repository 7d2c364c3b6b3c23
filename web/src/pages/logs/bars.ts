import type { Bucket } from "@/api/telemetry";
import { levels, type Level } from "@/ui/severity";
import { levelOf } from "./logsql";

export interface Bar {
  from: number;
  to: number;
  total: number;
  /** Fractions of the width. */
  x: number;
  width: number;
  /** Fractions of the height, from the foot; the worst stands lowest. */
  parts: { level: Level; count: number; y: number; height: number }[];
}

/** Counts over time as bars of one window; step in seconds. */
export function bars(all: readonly Bucket[], from: number, to: number, step: number): Bar[] {
  const buckets = all.filter((b) => b.at + step * 1000 > from && b.at < to);
  const span = Math.max(1, to - from);
  const totals = buckets.map((b) => Object.values(b.counts).reduce((a, c) => a + c, 0));
  const most = Math.max(1, ...totals);
  return buckets.map((b, i) => {
    const start = Math.max(from, b.at), end = Math.min(to, b.at + step * 1000);
    const byLevel = new Map<Level, number>();
    for (const [l, n] of Object.entries(b.counts)) byLevel.set(levelOf(l), (byLevel.get(levelOf(l)) ?? 0) + n);
    let y = 0;
    const parts = levels.filter((l) => byLevel.has(l)).map((level) => {
      const count = byLevel.get(level)!, height = count / most;
      const part = { level, count, y, height };
      y += height;
      return part;
    });
    return { from: start, to: end, total: totals[i]!, x: (start - from) / span, width: Math.max(0, end - start) / span, parts };
  });
}

/** Counts over time as the path of bars in a box of 100 by 20. */
export function spark(counts: readonly number[]): string {
  const most = Math.max(1, ...counts);
  const width = 100 / Math.max(1, counts.length);
  return counts
    .map((n, i) => (n ? { x: i * width, height: Math.max(1, (20 * n) / most) } : undefined))
    .flatMap((b) => (b ? [`M${b.x.toFixed(2)} 20v${(-b.height).toFixed(2)}h${(width * 0.85).toFixed(2)}v${b.height.toFixed(2)}z`] : []))
    .join("");
}
