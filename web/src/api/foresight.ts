import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { get } from "./client";
import { page, type Reader } from "./lists";
import type { Baseline, BaselineSeries, CapacityAnswer, CapacityPool, CapacityReport, Thing, ThingDetail } from "./types";

const items = async <T>(path: string, signal?: AbortSignal) => (await get<{ items: T[] }>(path, {}, signal)).items;

export const baselinesQuery = queryOptions({ queryKey: ["baseline", "list"], queryFn: ({ signal }) => items<Baseline>("/api/v1/baselines", signal), refetchInterval: 30_000 });
export const baselineSeriesQuery = (id: string) =>
  queryOptions({ queryKey: ["baseline", id, "series"], queryFn: ({ signal }) => items<BaselineSeries>(`/api/v1/baselines/${encodeURIComponent(id)}/series`, signal), refetchInterval: 30_000 });

export const capacityPath = "/api/v1/capacity";
/** What fills of a service, or of all. */
export const capacityReader = (service?: string): Reader<Thing> => (params, cursor, signal) => page<Thing>(capacityPath, { ...params, extra: { service: service || undefined } }, cursor, signal);
export const thingQuery = (id: string) => queryOptions({ queryKey: ["capacity", id], queryFn: ({ signal }) => get<ThingDetail>(`${capacityPath}/${id}`, {}, signal) });
export const poolsQuery = queryOptions({ queryKey: ["pool", "list"], queryFn: ({ signal }) => items<CapacityPool>("/api/v1/capacity-pools", signal) });
export const reportsQuery = queryOptions({ queryKey: ["capacity", "reports"], queryFn: ({ signal }) => items<CapacityReport>("/api/v1/capacity-reports", signal) });
export const reportQuery = (week: string) => queryOptions({ queryKey: ["capacity", "report", week], queryFn: ({ signal }) => get<CapacityReport>(`/api/v1/capacity-reports/${week}`, {}, signal) });

/** The report of a week, or of now, as a file. */
export const reportFile = (suffix: "pdf" | "xlsx" | "md", week: string) => `/api/v1/capacity-report.${suffix}?${new URLSearchParams({ week })}`;

export interface Question {
  pool: string;
  service?: string;
  site?: string;
  id?: string[];
  grow?: number;
  lose?: number;
  /** Ids of items, or of what fills by itself. */
  lost?: string[];
  spread?: "capacity" | "equally";
  add?: number;
}

export const whatIfQuery = (q: Question) =>
  queryOptions({
    queryKey: ["capacity", "what-if", q],
    queryFn: ({ signal }) => get<CapacityAnswer>("/api/v1/capacity-what-if", { ...q }, signal),
    placeholderData: keepPreviousData, retry: false,
  });
