// Prometheus' query API, with what charts of histograms need.

import { queryOptions } from "@tanstack/react-query";
import { get, Problem } from "./client";

/** One bucket of a native histogram: which ends belong to it (0: (a,b], 1: [a,b), 2: (a,b), 3: [a,b]), its ends and its count. */
type RawBucket = [rule: number, low: string, high: string, count: string];
interface RawHistogram { count: string; sum: string; buckets?: RawBucket[] }

export interface HistogramPoint {
  time: number;
  buckets: { low: number; high: number; count: number }[];
}

/** A series over time, or at one moment; times in seconds. */
export interface Result {
  labels: Record<string, string>;
  points: [time: number, value: number][];
  histograms?: HistogramPoint[];
}

interface Raw {
  metric: Record<string, string>;
  values?: [number, string][];
  value?: [number, string];
  histograms?: [number, RawHistogram][];
  histogram?: [number, RawHistogram];
}

interface Answer<T> { status: string; data: T; error?: string }

async function ask<T>(path: string, query: Record<string, string | number | string[] | undefined>, signal?: AbortSignal): Promise<T> {
  const answer = await get<Answer<T>>(`/prometheus/api/v1/${path}`, query, signal);
  if (answer.status !== "success") throw new Problem(422, { code: "invalid", title: "The query failed", detail: answer.error });
  return answer.data;
}

const histogram = ([time, h]: [number, RawHistogram]): HistogramPoint => ({ time, buckets: (h.buckets ?? []).map(([, low, high, count]) => ({ low: Number(low), high: Number(high), count: Number(count) })) });

export function read(raw: Raw): Result {
  const points = (raw.values ?? (raw.value ? [raw.value] : [])).map(([t, v]) => [t, Number(v)] as [number, number]);
  const histograms = (raw.histograms ?? (raw.histogram ? [raw.histogram] : [])).map(histogram);
  return { labels: raw.metric ?? {}, points, ...(histograms.length ? { histograms } : {}) };
}

type Data = { resultType: string; result: Raw[] | [number, string] };

function results(data: Data): Result[] {
  if (data.resultType === "scalar") return [{ labels: {}, points: [[(data.result as [number, string])[0], Number((data.result as [number, string])[1])]] }];
  return (data.result as Raw[]).map(read);
}

/** Over a window; times in milliseconds, step in seconds. */
export const askRange = async (query: string, from: number, to: number, step: number, signal?: AbortSignal) =>
  results(await ask<Data>("query_range", { query, start: from / 1000, end: to / 1000, step }, signal));

/** At one moment, in milliseconds. */
export const askAt = async (query: string, at: number, signal?: AbortSignal) => results(await ask<Data>("query", { query, time: at / 1000 }, signal));

/** The values of a label among the series that match. */
export const labelValues = (label: string, match: string | undefined, from: number, to: number, signal?: AbortSignal) =>
  ask<string[]>(`label/${encodeURIComponent(label)}/values`, { "match[]": match ? [match] : undefined, start: Math.floor(from / 1000), end: Math.ceil(to / 1000) }, signal);

export interface Meaning { type: string; help: string; unit: string }

export const metadataQuery = queryOptions({
  queryKey: ["metric", "metadata"],
  queryFn: ({ signal }) => ask<Record<string, Meaning[]>>("metadata", {}, signal),
  staleTime: 300_000,
});

export const metricsQuery = queryOptions({
  queryKey: ["metric", "all names"],
  queryFn: ({ signal }) => ask<string[]>("label/__name__/values", {}, signal),
  staleTime: 60_000,
});

/** The labels of a metric and how many values each has. */
export const labelsOfQuery = (metric: string) =>
  queryOptions({
    queryKey: ["metric", "labels", metric],
    queryFn: async ({ signal }) => {
      const series = await ask<Record<string, string>[]>("series", { "match[]": [metric], limit: 5000 }, signal);
      const values = new Map<string, Set<string>>();
      for (const s of series) for (const [k, v] of Object.entries(s)) if (k !== "__name__") values.set(k, (values.get(k) ?? new Set()).add(v));
      return { series: series.length, labels: [...values].sort(([a], [b]) => a.localeCompare(b)).map(([name, set]) => ({ name, values: [...set].sort() })) };
    },
    staleTime: 60_000, enabled: Boolean(metric),
  });
