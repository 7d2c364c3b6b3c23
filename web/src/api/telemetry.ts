import { queryOptions } from "@tanstack/react-query";
import { address, get, Problem } from "./client";
import type { LogRecord } from "./types";

export interface Series {
  labels: Record<string, string>;
  points: [time: number, value: number][];
}

interface PromAnswer<T> {
  status: "success" | "error";
  data: T;
  error?: string;
}

async function prom<T>(path: string, query: Record<string, string | number | string[]>, signal?: AbortSignal): Promise<T> {
  const answer = await get<PromAnswer<T>>(`/prometheus/api/v1/${path}`, query, signal);
  if (answer.status !== "success") throw new Problem(422, { code: "invalid", title: "The query failed", detail: answer.error });
  return answer.data;
}

/** Series of an expression over a window; times in seconds. */
export async function queryRange(query: string, from: number, to: number, step: number, signal?: AbortSignal): Promise<Series[]> {
  const data = await prom<{ result: { metric: Record<string, string>; values: [number, string][] }[] }>(
    "query_range", { query, start: from / 1000, end: to / 1000, step }, signal);
  return data.result.map((r) => ({ labels: r.metric, points: r.values.map(([t, v]) => [t, Number(v)]) }));
}

/** The newest value of each series. */
export async function queryNow(query: string, signal?: AbortSignal): Promise<{ labels: Record<string, string>; value: number }[]> {
  const data = await prom<{ result: { metric: Record<string, string>; value: [number, string] }[] }>("query", { query }, signal);
  return data.result.map((r) => ({ labels: r.metric, value: Number(r.value[1]) }));
}

export const nowQuery = (query: string) =>
  queryOptions({ queryKey: ["metric", query], queryFn: ({ signal }) => queryNow(query, signal), refetchInterval: 15_000 });

/** The metric names that series with a matcher have. */
export const metricNamesQuery = (matcher: string) =>
  queryOptions({
    queryKey: ["metric", "names", matcher],
    queryFn: ({ signal }) => prom<string[]>("label/__name__/values", { "match[]": [`{${matcher}}`] }, signal),
    staleTime: 60_000,
  });

export const logsQuery = (query: string, from: number, to: number, limit = 500) =>
  queryOptions({
    queryKey: ["log", query, from, to, limit],
    queryFn: ({ signal }) =>
      get<{ items: LogRecord[]; more: boolean }>("/api/v1/logs/query", { query, start: new Date(from).toISOString(), end: new Date(to).toISOString(), limit }, signal),
  });

export interface Bucket {
  at: number;
  counts: Record<string, number>;
}

/** How many records there are over time, by level; times in milliseconds. */
export const hitsQuery = (query: string, from: number, to: number, step: number, only?: string[]) =>
  queryOptions({
    queryKey: ["log", "hits", query, from, to, step, only],
    queryFn: async ({ signal }) => {
      const answer = await get<{ items: { fields: Record<string, string>; buckets: { at: string; count: number }[] | null }[] }>(
        "/api/v1/logs/hits", { query, in: only, start: new Date(from).toISOString(), end: new Date(to).toISOString(), step: `${step}s`, by: ["level"] }, signal);
      const out = new Map<number, Bucket>();
      for (const s of answer.items) {
        for (const b of s.buckets ?? []) {
          const at = Date.parse(b.at);
          const bucket = out.get(at) ?? { at, counts: {} };
          bucket.counts[s.fields.level ?? ""] = b.count;
          out.set(at, bucket);
        }
      }
      return [...out.values()].sort((a, b) => a.at - b.at);
    },
  });

/** The fields that matching records have, the commonest first. */
export const logFieldsQuery = (query: string, from: number, to: number, only?: string[]) =>
  queryOptions({
    queryKey: ["log", "fields", query, from, to, only],
    queryFn: async ({ signal }) => (await get<{ items: { value: string; hits: number }[] }>("/api/v1/logs/fields", { query, in: only, start: new Date(from).toISOString(), end: new Date(to).toISOString() }, signal)).items,
    staleTime: 60_000,
  });

export const tailPath = (query: string, only?: string[]) => address("/api/v1/logs/tail", { query, in: only });
