// What values are shown as: their unit, their severity, their word.

import type { Calc, Mapping, Panel, Threshold } from "@/api/dashboards";
import { withUnit, type Unit } from "@/format/number";
import type { Level } from "@/ui/severity";

/** Units that are others, scaled. */
const scaled: Record<string, [factor: number, unit: Unit]> = {
  milliseconds: [1e-3, "seconds"], microseconds: [1e-6, "seconds"], nanoseconds: [1e-9, "seconds"], minutes: [60, "seconds"], hours: [3600, "seconds"], days: [86400, "seconds"],
};
const known = new Set<string>(["bytes", "bytes/s", "bits/s", "percent", "ratio", "seconds", "count", "per second", "celsius", "none"]);

export const units = [...known, "bits", ...Object.keys(scaled)].filter((u) => u !== "none");

/** A value with its unit. decimals, when given, are kept for what has no prefix. */
export function shown(v: number | null | undefined, unit: string | undefined, decimals?: number): string {
  if (v === null || v === undefined || Number.isNaN(v)) return "–";
  if (!Number.isFinite(v)) return v > 0 ? "∞" : "−∞";
  const s = unit ? scaled[unit] : undefined;
  if (s) return withUnit(v * s[0], s[1]);
  if (decimals !== undefined) {
    if (unit === "percent") return `${v.toFixed(decimals)} %`;
    if (unit === "ratio") return `${(v * 100).toFixed(decimals)} %`;
    if (unit === "celsius") return `${v.toFixed(decimals)} °C`;
    if (!unit || unit === "count" || unit === "none") return v.toLocaleString("en", { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
    if (!known.has(unit) && unit !== "bits") return `${v.toFixed(decimals)} ${unit}`;
  }
  if (unit === "bits") return withUnit(v, "bits/s").replace("/s", "");
  if (!unit || known.has(unit)) return withUnit(v, (unit ?? "none") as Unit);
  return `${withUnit(v, "none")} ${unit}`;
}

/** The mapping that is about a value. */
export function mappingOf(v: number | string, mappings: Mapping[] | null | undefined): Mapping | undefined {
  const n = typeof v === "number" ? v : Number(v);
  return mappings?.find((m) => (m.value !== undefined && m.value !== "" ? m.value === String(v) || (m.value.trim() !== "" && Number(m.value) === n) : n >= (m.from ?? -Infinity) && n <= (m.to ?? Infinity)));
}

/** The severity of a value by thresholds; undefined when none says. */
export function thresholdOf(v: number, thresholds: Threshold[] | null | undefined): Threshold | undefined {
  let found: Threshold | undefined;
  for (const t of thresholds ?? []) if (v >= (t.from ?? -Infinity)) found = t;
  return found;
}

export interface Said {
  text: string;
  level?: Level;
}

/** A value as the panel shows it. */
export function said(v: number | null | undefined, p: Pick<Panel, "unit" | "decimals" | "thresholds" | "mappings">): Said {
  if (v === null || v === undefined || Number.isNaN(v)) return { text: "–" };
  const m = mappingOf(v, p.mappings);
  return { text: m?.text || shown(v, p.unit, p.decimals), level: (m?.severity ?? thresholdOf(v, p.thresholds)?.severity) as Level | undefined };
}

export const calcs: Calc[] = ["last", "min", "max", "avg", "sum", "first", "count"];

/** One value of a series; null when it has none. */
export function reduce(points: [number, number][], calc: Calc = "last"): number | null {
  let count = 0, sum = 0, min = Infinity, max = -Infinity, first: number | null = null, last: number | null = null;
  for (const [, v] of points) {
    if (Number.isNaN(v)) continue;
    count++;
    sum += v;
    if (v < min) min = v;
    if (v > max) max = v;
    first ??= v;
    last = v;
  }
  if (calc === "count") return count;
  if (!count) return null;
  switch (calc) {
    case "min": return min;
    case "max": return max;
    case "avg": return sum / count;
    case "sum": return sum;
    case "first": return first;
    default: return last;
  }
}

/** The name of a series by a text with {{label}}. */
export const legendOf = (legend: string, labels: Record<string, string>) => legend.replace(/\{\{\s*([A-Za-z_]\w*)\s*\}\}/g, (_w, name: string) => labels[name] ?? "").trim();

/** Ends of a scale: those given, else around the values. */
export function ends(values: number[], min: number | undefined, max: number | undefined): [number, number] {
  const low = min ?? Math.min(0, ...values), high = max ?? Math.max(...values, low);
  return high > low ? [low, high] : [low, low + 1];
}
