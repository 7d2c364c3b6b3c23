import { keepPreviousData, useQueries } from "@tanstack/react-query";
import { useMemo } from "react";
import type { Panel, Target } from "@/api/dashboards";
import { askAt, askRange, type Result } from "@/api/promql";
import { nameSeries } from "@/components/chart/MetricChart";
import { stepFor } from "@/state/range";
import { useBoard } from "./context";
import { legendOf } from "./values";
import { fill, type Filling } from "./variables";

/** Series with what they are called. */
export interface Named extends Result {
  name: string;
  target: number;
}

export interface PanelData {
  series: Named[];
  /** Of each query, also of those without a result. */
  queries: { expr: string; name: string; series: Result[] }[];
  step: number;
  from: number;
  to: number;
  loading: boolean;
  /** It holds what was asked for, not what was before. */
  settled: boolean;
  error?: Error;
}

/** Types that need the newest values alone. */
const atOnce = new Set<Panel["type"]>(["table", "topList", "bar"]);

export const instantly = (panel: Pick<Panel, "type" | "reduce">, t: Target) => Boolean(t.instant) || (atOnce.has(panel.type) && (panel.reduce ?? "last") === "last");

/** The distance of points for a panel so wide. Heatmaps have broad cells. */
export const stepOf = (type: Panel["type"], width: number, from: number, to: number) => stepFor(from, to, Math.max(30, Math.floor(width / (type === "heatmap" ? 12 : 4))));

export function named(panel: Pick<Panel, "targets">, queries: PanelData["queries"], hidden: boolean[]): Named[] {
  const out: Named[] = [];
  const targets = panel.targets ?? [];
  queries.forEach((q, n) => {
    if (hidden[n]) return;
    const t = targets[n]!;
    const auto = nameSeries(q.series.map((s) => ({ labels: s.labels })));
    q.series.forEach((s, i) => {
      const made = t.legend ? legendOf(t.legend, s.labels) : "";
      const alone = q.series.length === 1 && Object.keys(s.labels).length === 0;
      out.push({ ...s, name: made || (alone ? q.name : auto[i]!), target: n });
    });
  });
  return out;
}

/**
 * The first and last point that are asked for. They lie on whole steps, so that a sliding window asks for the same points
 * again; where the last value is what matters, it is at most 15 s old, however long the step.
 */
export function span(type: Panel["type"], step: number, from: number, to: number): [from: number, to: number] {
  const grain = (type === "stat" || type === "gauge" ? Math.min(step, 15) : step) * 1000;
  const end = Math.floor(to / grain) * grain;
  return [end - Math.ceil((to - from) / 1000 / step) * step * 1000, end];
}

/** What a panel shows, asked while it is on the screen. */
export function usePanelData(panel: Panel, filling: Filling, width: number, visible: boolean): PanelData {
  const { turn } = useBoard();
  const step = stepOf(panel.type, width || 600, filling.from, filling.to);
  const [from, to] = span(panel.type, step, filling.from, filling.to);
  const targets = panel.targets ?? [];
  const answers = useQueries({
    queries: targets.map((t) => {
      const expr = fill(t.query, { ...filling, step });
      const instant = instantly(panel, t);
      return {
        queryKey: ["metric", "panel", expr, instant ? "at" : from, instant ? filling.to : to, step, turn],
        queryFn: ({ signal }: { signal: AbortSignal }) => (instant ? askAt(expr, filling.to, signal) : askRange(expr, from, to, step, signal)),
        enabled: visible && width > 0,
        placeholderData: keepPreviousData,
        staleTime: 5000, gcTime: 60_000, retry: false,
      };
    }),
  });
  const stamp = answers.map((a) => `${a.dataUpdatedAt} ${a.isPlaceholderData} ${a.status} ${a.fetchStatus}`).join("|");
  return useMemo(() => {
    const queries = targets.map((t, n) => ({ expr: fill(t.query, { ...filling, step }), name: t.legend && !t.legend.includes("{{") ? t.legend : targets.length > 1 ? `Value ${String.fromCharCode(65 + n)}` : "Value", series: answers[n]?.data ?? [] }));
    return {
      queries, series: named(panel, queries, targets.map((t) => Boolean(t.hidden))), step, from: filling.from, to: filling.to,
      loading: answers.some((a) => a.isPending && a.fetchStatus !== "idle") || (targets.length > 0 && !visible),
      settled: answers.every((a) => a.isSuccess && !a.isPlaceholderData),
      error: answers.find((a) => a.error && !a.isPlaceholderData)?.error ?? undefined,
    };
    // The answers' own objects change with every render; the stamp says when they differ.
  }, [stamp, panel, filling.from, filling.to, step, JSON.stringify(filling.values)]);
}
