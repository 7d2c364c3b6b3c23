import { queryOptions } from "@tanstack/react-query";
import { get, post } from "./client";
import type { LogDataset, LogDeletion, ProcessingDraft, ProcessingPreview, ProcessingRule } from "./types";

/** The rules of log processing in their order, and what they did since the start. */
export const processingQuery = queryOptions({
  queryKey: ["log-processing", "list"],
  queryFn: ({ signal }) => get<{ items: ProcessingRule[]; passed: number }>("/api/v1/log-processing", {}, signal),
  refetchInterval: 10_000,
});

/** What a draft would do with lines, or with stored records; nothing is changed. */
export const previewQuery = (draft: ProcessingDraft) =>
  queryOptions({
    queryKey: ["log-processing", "preview", draft],
    queryFn: () => post<ProcessingPreview>("/api/v1/log-processing/preview", draft),
    enabled: draft.document.trim() !== "",
    placeholderData: (before?: ProcessingPreview) => before,
    retry: false,
    gcTime: 0,
  });

export const datasetsQuery = queryOptions({
  queryKey: ["log-dataset", "list"],
  queryFn: async ({ signal }) => (await get<{ items: LogDataset[] }>("/api/v1/log-datasets", {}, signal)).items,
});

export const deletionsQuery = queryOptions({
  queryKey: ["log-deletion", "list"],
  queryFn: async ({ signal }) => (await get<{ items: LogDeletion[] }>("/api/v1/log-deletions", {}, signal)).items,
  refetchInterval: (q) => (q.state.data?.some((d) => d.state === "waiting" || d.state === "running") ? 2000 : 30_000),
});

export interface DeletionRequest {
  filter: string;
  datasets: string[];
  reason: string;
}

/** Asks for a deletion, or only counts what it would find. */
export const requestDeletion = (r: DeletionRequest, dryRun: boolean) => post<LogDeletion>("/api/v1/log-deletions", { ...r, dryRun });
