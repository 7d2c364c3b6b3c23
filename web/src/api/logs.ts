import { queryOptions } from "@tanstack/react-query";
import { address, get, send } from "./client";
import type { LogPatternDetail, LogPatterns, LogRecord } from "./types";

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

export const patternQuery = (id: string) =>
  queryOptions({ queryKey: ["log", "pattern", id], queryFn: ({ signal }) => get<LogPatternDetail>(`/api/v1/logs/patterns/${encodeURIComponent(id)}`, {}, signal), staleTime: 60_000, retry: false });

/** One page of lines, the newest first; end may be a time with all its decimals. only are datasets; all that may be read without. */
export const readLines = (query: string, from: number, to: number, end: string | undefined, limit: number, only?: string[], signal?: AbortSignal) =>
  get<{ items: LogRecord[]; more: boolean }>("/api/v1/logs/query", { query, in: only, ...times(from, to), ...(end ? { end } : {}), limit }, signal);

/** The spans of a trace, the first first. */
export const spansQuery = (trace: string, at: number) =>
  queryOptions({
    queryKey: ["log", "spans", trace],
    queryFn: async ({ signal }) => (await get<{ items: LogRecord[] }>("/api/v1/logs/query", { dataset: "traces", query: `trace_id:=${JSON.stringify(trace)}`, ...times(at - reach, at + reach), limit: 1000 }, signal)).items.reverse(),
    staleTime: 60_000, retry: false,
  });

/** The commonest values of a field in matching records, each with its hits; the query has no pipes. */
export const logTopQuery = (query: string, field: string, from: number, to: number, limit = 10, only?: string[]) =>
  queryOptions({
    queryKey: ["log", "top", query, field, from, to, limit, only],
    queryFn: async ({ signal }) => (await get<{ items: LogRecord[] }>("/api/v1/logs/query", { query: `${query} | top ${limit} by (${JSON.stringify(field)}) hits as top_hits`, in: only, ...times(from, to), limit }, signal)).items
      .map((r) => ({ value: r[field] ?? "", hits: Number(r.top_hits) })).sort((a, b) => b.hits - a.hits),
    staleTime: 60_000,
  });

/** Values of a field in matching records. Of a field with more than limit the engine says any, and no hits. */
export const logValuesQuery = (query: string, field: string, from: number, to: number, limit = 10, only?: string[]) =>
  queryOptions({
    queryKey: ["log", "values", query, field, from, to, limit, only],
    queryFn: async ({ signal }) => (await get<{ items: { value: string; hits: number }[] }>(`/api/v1/logs/fields/${encodeURIComponent(field)}/values`, { query, in: only, ...times(from, to), limit }, signal)).items,
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
export const exportPath = (format: "csv" | "ndjson", query: string, from: number, to: number, limit: number, fields?: string[], only?: string[]) =>
  address("/api/v1/logs/export", { format, query, in: only, ...times(from, to), limit, fields: fields?.join(",") });

/** Reads a file of matching records; told hears how many bytes and lines there are so far. */
export async function download(path: string, signal: AbortSignal, told: (bytes: number, lines: number) => void): Promise<Blob> {
  const response = await send("GET", path, { signal, headers: { Accept: "*/*" } });
  const reader = response.body!.getReader();
  const parts: BlobPart[] = [];
  let bytes = 0, lines = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    parts.push(value);
    bytes += value.length;
    for (const b of value) if (b === 10) lines++;
    told(bytes, lines);
  }
  return new Blob(parts, { type: response.headers.get("Content-Type") ?? "text/plain" });
}
