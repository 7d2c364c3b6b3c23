import type { Baseline, BaselineSeries, Thing } from "@/api/types";
import { count } from "@/format/number";

export const baselineState = (b: Baseline) => (b.spec.disabled ? "disabled" : b.round.error ? "failed" : b.round.at ? "active" : "pending");

/** Labels as a PromQL selector. */
export const selectorOf = (labels: Record<string, string>) =>
  `{${Object.entries(labels).filter(([k]) => k !== "__name__").map(([k, v]) => `${k}=${JSON.stringify(v)}`).join(",")}}`;

export const seriesName = (s: Pick<BaselineSeries, "labels">) =>
  [s.labels.__name__, ...Object.entries(s.labels).filter(([k]) => k !== "__name__" && k !== "item").map(([k, v]) => `${k}=${v}`)].filter(Boolean).join(" ") || "value";

const causes: Record<string, string> = {
  value: "the value itself is far from what this time lets expect",
  sustained: "several values together are off",
  level: "the level of the last points is new",
  roughness: "the values move differently from one to the next",
};

/** Why a point is unusual, in a sentence. */
export const anomalySentence = (a: NonNullable<BaselineSeries["anomaly"]>) =>
  `Unusual at ${count(a.value)} where ${count(a.expected)} was expected (${count(a.low)} to ${count(a.high)}): ${causes[a.cause] ?? a.cause}. Score ${a.score.toFixed(2)}.`;

/** A date as a person plans with it. */
export const onDay = (at: string | undefined | null) => (at ? at.slice(0, 10) : undefined);

/** When it is full, with what is uncertain. */
export function fullSentence(t: Pick<Thing, "earliest" | "likely" | "latest" | "horizon">): string {
  if (!t.earliest) return `Not full before ${onDay(t.horizon)}, the end of the forecast.`;
  if (!t.likely) return `At the earliest on ${onDay(t.earliest)}; likely not before ${onDay(t.horizon)}, the end of the forecast.`;
  return `Likely on ${onDay(t.likely)}; at the earliest on ${onDay(t.earliest)}, ${t.latest ? `at the latest on ${onDay(t.latest)}` : "and it may also not fill within the forecast"}.`;
}

/** Whether too little is known yet to look ahead by even a day. */
export const young = (t: Pick<Thing, "horizon">, now: number) => Date.parse(t.horizon) - now < 86_400_000;

/** How near it is: what colour and word it has. */
export function nearness(t: Pick<Thing, "likely" | "earliest">, now: number): "critical" | "warning" | "ok" {
  const days = (at?: string) => (at ? (Date.parse(at) - now) / 86_400_000 : Infinity);
  if (days(t.likely) <= 14) return "critical";
  return days(t.likely) <= 60 || days(t.earliest) <= 14 ? "warning" : "ok";
}
