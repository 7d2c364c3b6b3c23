import { age } from "@/format/time";

interface Spans {
  count: number;
  p50: number;
  p90: number;
  mean: number;
}

/** One figure of spans in seconds; a dash when there was none. */
export const span = (s: Spans, figure: "p50" | "p90" | "mean") => (!s.count ? "–" : s[figure] < 1 ? "under 1 s" : age(s[figure] * 1000));

/** What stands beside a median. */
export const spread = (s: Spans) => (s.count ? `p90 ${span(s, "p90")}, mean ${span(s, "mean")}, of ${s.count.toLocaleString("en")}` : "none yet");

/** How much more or less than before; nothing when there was nothing. */
export function change(now: number, before: number | undefined): string | undefined {
  if (!before) return undefined;
  const share = Math.round(((now - before) / before) * 100);
  return share === 0 ? "the same" : `${share > 0 ? "+" : "−"}${Math.abs(share)} %`;
}
