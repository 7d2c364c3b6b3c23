// The expressions the console asks of what agents measure.

import type { MetricChartProps } from "@/components/chart/MetricChart";

/** Per host, newest value, 0 to 1. */
export const hostMetrics = {
  cpu: `1 - max by (item) (system_cpu_utilization{mode="idle"})`,
  memory: `max by (item) (system_memory_utilization{state="used"})`,
  disk: "max by (item) (system_filesystem_utilization)",
};

type Chart = Pick<MetricChartProps, "title" | "query" | "unit" | "by" | "max">;

/** The matcher of an item's series, also of those recorded under items that were merged into it. */
export const ofItem = (item: string, former: string[] = []) => (former.length ? `item=~"${[item, ...former].join("|")}"` : `item="${item}"`);

/** A chart for a metric of an item, by the conventions of metric names. matcher says whose series. */
export function chartOf(metric: string, matcher: string, unit: Chart["unit"]): Chart {
  const selector = `${metric}{${matcher}}`;
  if (metric.endsWith("_total")) {
    const rated = unit === "bytes" ? "bytes/s" : unit === "seconds" ? "ratio" : "per second";
    return { title: `${title(metric.replace(/_total$/, ""))}`, query: `rate(${selector}[$step])`, unit: rated };
  }
  if (unit === "ratio") return { title: title(metric), query: selector, unit: "ratio", max: 1 };
  return { title: title(metric), query: selector, unit };
}

/** "system_memory_used_bytes" as a person says it. */
export function title(metric: string): string {
  const words = metric.replace(/^(system|mainstay|node)_/, "").replace(/_(bytes|seconds|ratio|utilization|percent|celsius|per_second)$/, "").replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}
