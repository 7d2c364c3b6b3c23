// A time range is two expressions: "now", "now-6h" or an RFC 3339 time. Ranges
// that mention now slide; absolute ones stay.

export interface Range {
  from: string;
  to: string;
}

export const defaultRange: Range = { from: "now-3h", to: "now" };

export const presets: { label: string; range: Range }[] = [
  ["5 minutes", "now-5m"], ["15 minutes", "now-15m"], ["1 hour", "now-1h"], ["3 hours", "now-3h"], ["6 hours", "now-6h"],
  ["12 hours", "now-12h"], ["24 hours", "now-24h"], ["2 days", "now-2d"], ["7 days", "now-7d"], ["30 days", "now-30d"],
].map(([label, from]) => ({ label: `Last ${label}`, range: { from: from!, to: "now" } }));

const units: Record<string, number> = { s: 1e3, m: 60e3, h: 3600e3, d: 86400e3, w: 7 * 86400e3 };

/** Milliseconds of a duration such as "90s" or "2h"; undefined when it is none. */
export function parseDuration(text: string): number | undefined {
  const m = /^(\d+(?:\.\d+)?)(s|m|h|d|w)$/.exec(text.trim());
  return m ? Number(m[1]) * units[m[2]!]! : undefined;
}

/** The time of an expression in milliseconds; undefined when it cannot be read. */
export function resolveTime(text: string, now: number): number | undefined {
  const t = text.trim();
  if (t === "now") return now;
  if (t.startsWith("now-")) {
    const d = parseDuration(t.slice(4));
    return d === undefined ? undefined : now - d;
  }
  const at = Date.parse(t);
  return Number.isNaN(at) ? undefined : at;
}

/** Both ends in milliseconds. Unreadable or reversed ends fall back to the default. */
export function resolveRange(range: Range, now: number): { from: number; to: number } {
  const from = resolveTime(range.from, now);
  const to = resolveTime(range.to, now);
  if (from === undefined || to === undefined || from >= to) {
    return { from: resolveTime(defaultRange.from, now)!, to: now };
  }
  return { from, to };
}

export const slides = (range: Range) => range.to.startsWith("now");

export function absolute(from: number, to: number): Range {
  const seconds = (t: number) => new Date(Math.round(t / 1000) * 1000).toISOString().replace(".000Z", "Z");
  return { from: seconds(from), to: seconds(Math.max(to, from + 1000)) };
}

/** Moves the window by half its width: -1 back, +1 forward, never past now. */
export function shift(range: Range, direction: -1 | 1, now: number): Range {
  const { from, to } = resolveRange(range, now);
  const width = to - from;
  const end = Math.min(to + (direction * width) / 2, now);
  return absolute(end - width, end);
}

/** Doubles the window around its middle, never past now. */
export function widen(range: Range, now: number): Range {
  const { from, to } = resolveRange(range, now);
  const width = to - from;
  if (slides(range)) return absolute(to - 2 * width, to);
  const end = Math.min(to + width / 2, now);
  return absolute(end - 2 * width, end);
}

/** The distance between samples, in whole seconds, for about so many points. */
export function stepFor(from: number, to: number, points: number): number {
  const nice = [5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 21600, 43200, 86400];
  const wanted = (to - from) / 1000 / Math.max(points, 1);
  return nice.find((s) => s >= wanted) ?? 86400;
}

export function rangeLabel(range: Range): string {
  const preset = presets.find((p) => p.range.from === range.from && p.range.to === range.to);
  if (preset) return preset.label;
  if (range.to === "now" && range.from.startsWith("now-")) return `Last ${range.from.slice(4)}`;
  const show = (t: string) => {
    const at = t.startsWith("now") ? NaN : Date.parse(t);
    if (Number.isNaN(at)) return t;
    return new Date(at).toLocaleString(undefined, { month: "short", day: "numeric", hour: "2-digit", minute: "2-digit" });
  };
  return `${show(range.from)} – ${show(range.to)}`;
}
