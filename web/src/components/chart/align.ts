import type { Series } from "@/api/telemetry";

type Aligned = [xs: number[], ...ys: (number | null)[][]];

/** Series on one time axis. Where one has no sample, or the axis has a hole of more than two steps, the line breaks. */
export function aligned(series: Pick<Series, "points">[], step: number): Aligned {
  const times = new Set<number>();
  for (const s of series) for (const [t] of s.points) times.add(t);
  const sorted = [...times].sort((a, b) => a - b);
  const xs: number[] = [];
  for (const t of sorted) {
    const before = xs.at(-1);
    if (before !== undefined && t - before > 2 * step) xs.push(before + step);
    xs.push(t);
  }
  const ys = series.map((s) => {
    const at = new Map(s.points);
    return xs.map((t) => {
      const v = at.get(t);
      return v === undefined || !Number.isFinite(v) ? null : v;
    });
  });
  return [xs, ...ys];
}

/** The samples that no line would show: both neighbours are missing. */
export function lonely(ys: ArrayLike<number | null | undefined>): number[] {
  const found: number[] = [];
  for (let i = 0; i < ys.length; i++) if (ys[i] != null && ys[i - 1] == null && ys[i + 1] == null) found.push(i);
  return found;
}
