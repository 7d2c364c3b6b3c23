import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { get } from "./client";
import type { AvailabilityLine, AvailabilityReport } from "./types";

/** What a month came to, for every item with a target. */
export const linesQuery = (month: string) =>
  queryOptions({
    queryKey: ["availability", "lines", month],
    queryFn: ({ signal }) => get<{ items: AvailabilityLine[]; since?: string }>("/api/v1/availability", { month }, signal),
    placeholderData: keepPreviousData,
    refetchInterval: 60_000,
  });

export const reportQuery = (id: string, month?: string) =>
  queryOptions({
    queryKey: ["availability", "item", id, month ?? ""],
    queryFn: ({ signal }) => get<AvailabilityReport>(`/api/v1/availability/items/${id}`, { month }, signal),
    placeholderData: keepPreviousData,
    refetchInterval: 60_000,
  });

export const reportFile = (suffix: "pdf" | "xlsx", month: string, item?: string) => `/api/v1/availability/report.${suffix}?${new URLSearchParams(item ? { month, item } : { month })}`;
