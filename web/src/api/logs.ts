import { queryOptions } from "@tanstack/react-query";
import { address, get } from "./client";
import type { LogPatterns, LogRecord } from "./types";

const times = (from: number, to: number) => ({ start: new Date(from).toISOString(), end: new Date(to).toISOString() });

export interface PatternFilter {
  against?: string;
  contains?: string;
  change?: string;
  sort?: string;
}

/** The patterns of log messages over time, compared with another time. */
export const patternsQuery = (from: number, to: number, filter: PatternFilter) =>
  queryOptions({
    queryKey: ["log", "patterns", from, to, filter],
    queryFn: ({ signal }) => get<LogPatterns>("/api/v1/logs/patterns", { ...times(from, to), limit: 300, ...filter }, signal),
  });

/** The commonest values of a field in matching records. */
export const logValuesQuery = (query: string, field: string, from: number, to: number) =>
  queryOptions({
    queryKey: ["log", "values", query, field, from, to],
    queryFn: async ({ signal }) => (await get<{ items: { value: string; hits: number }[] }>(`/api/v1/logs/fields/${encodeURIComponent(field)}/values`, { query, ...times(from, to), limit: 10 }, signal)).items,
    staleTime: 60_000,
  });

const nearby = 15;
const reach = 3600_000;

/** The lines that stand around a record in its stream, the newest first. */
export const aroundQuery = (stream: string, at: string) =>
  queryOptions({
    queryKey: ["log", "around", stream, at],
    queryFn: async ({ signal }) => {
      const t = Date.parse(at), of = `_stream_id:${JSON.stringify(stream)}`;
      const ask = (query: string, start: number, end: number) =>
        get<{ items: LogRecord[] }>("/api/v1/logs/query", { query, ...times(start, end), limit: nearby }, signal);
      const [before, after] = await Promise.all([ask(of, t - reach, t + 1), ask(`${of} | sort by (_time) limit ${nearby}`, t + 1, t + reach)]);
      return [...after.items, ...before.items];
    },
    staleTime: Infinity,
  });

/** Where the matching records are had as a file. */
export const exportPath = (format: "csv" | "ndjson", query: string, from: number, to: number, fields?: string[]) =>
  address("/api/v1/logs/export", { format, query, ...times(from, to), fields: fields?.join(",") });
