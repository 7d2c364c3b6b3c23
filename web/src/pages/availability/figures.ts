import { duration } from "@/format/time";

/** Never rounds up to a target that was missed: 99.9996 is 99.999 %. */
export const percent = (p: number | undefined) => (p === undefined ? "–" : `${(Math.floor(p * 1000 + 1e-6) / 1000).toFixed(p === 100 ? 0 : 3)} %`);

/** Seconds for people. */
export const seconds = (s: number | undefined) => (s === undefined ? "–" : s === 0 ? "0" : duration(Math.round(s) * 1000));

/** The months to choose from, the one that runs first. */
export function months(now: number, count = 13): string[] {
  const d = new Date(now);
  return Array.from({ length: count }, (_, i) => {
    const m = new Date(Date.UTC(d.getUTCFullYear(), d.getUTCMonth() - i, 1));
    return m.toISOString().slice(0, 7);
  });
}

export const monthName = (month: string) => new Date(`${month}-01T00:00:00Z`).toLocaleDateString("en", { month: "long", year: "numeric", timeZone: "UTC" });

const levels: Record<string, string> = { up: "clear", degraded: "minor", down: "critical", unknown: "unknown" };
/** The level whose colour a state has. */
export const levelOf = (state: string) => levels[state] ?? "none";

export interface Piece {
  left: number;
  width: number;
  state: string;
  text: string;
}

/** Intervals as shares of a period, in percent. */
export function pieces(timeline: { from: string; to?: string; state: string }[], from: string, to: string, now: number): Piece[] {
  const begin = Date.parse(from), end = Date.parse(to), until = Math.min(end, now);
  return timeline.flatMap((i) => {
    const a = Math.max(Date.parse(i.from), begin), b = Math.min(i.to ? Date.parse(i.to) : until, until);
    if (b <= a) return [];
    return [{ left: ((a - begin) / (end - begin)) * 100, width: Math.max(((b - a) / (end - begin)) * 100, 0.15), state: i.state, text: `${i.state} for ${duration(b - a)}` }];
  });
}
