// The share of results that were well, as pieces of time.

export interface Piece {
  from: number;
  to: number;
  /** 1 all well, 0 none; undefined: it did not run. */
  up: number | undefined;
}

/** Cuts a window (milliseconds) into pieces of step seconds; a sample speaks for the step before it. */
export function pieces(points: readonly [time: number, value: number][], from: number, to: number, step: number): Piece[] {
  const at = new Map(points.map(([t, v]) => [Math.round(t / step), v]));
  const out: Piece[] = [];
  for (let k = Math.floor(from / 1000 / step) + 1; (k - 1) * step * 1000 < to; k++) {
    out.push({ from: Math.max(from, (k - 1) * step * 1000), to: Math.min(to, k * step * 1000), up: at.get(k) });
  }
  return out;
}

/** The share of the time it ran in which it was well; undefined when it never ran. */
export function availability(list: readonly Piece[]): number | undefined {
  let ran = 0, up = 0;
  for (const p of list) {
    if (p.up === undefined) continue;
    ran += p.to - p.from;
    up += p.up * (p.to - p.from);
  }
  return ran ? up / ran : undefined;
}

/** "100 %", "99.95 %": never rounded up to all. */
export function percent(share: number | undefined): string {
  if (share === undefined) return "–";
  if (share >= 1) return "100 %";
  return `${(Math.floor(share * 10_000) / 100).toString()} %`;
}
