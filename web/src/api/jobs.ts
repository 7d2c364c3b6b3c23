import { queryOptions } from "@tanstack/react-query";
import { get, post } from "./client";
import { list, type ListParams } from "./lists";
import type { Run, Runbook } from "./types";

export const runbooksPath = "/api/v1/runbooks";
export const runbookList = (params: ListParams) => list<Runbook>("runbook", runbooksPath, params);
export const runbookQuery = (name: string) =>
  queryOptions({ queryKey: ["runbook", name], queryFn: ({ signal }) => get<Runbook>(`/api/v1/runbooks/${encodeURIComponent(name)}`, {}, signal) });

export const runsPath = "/api/v1/runs";
export const runList = (params: ListParams) => list<Run>("run", runsPath, params);
const unfinished = new Set(["running", "pending", "waiting", "queued", "awaiting_approval"]);
export const isUnfinished = (status: string | undefined) => unfinished.has(status ?? "");
export const runQuery = (id: string) =>
  queryOptions({
    queryKey: ["run", id],
    queryFn: ({ signal }) => get<Run>(`/api/v1/runs/${id}`, {}, signal),
    // Something in transition is looked at more often, should the stream be late.
    refetchInterval: (q) => (isUnfinished(q.state.data?.status) ? 3000 : false),
  });
export const outputPath = (id: string, step?: string) => `/api/v1/runs/${id}/output${step ? `?step=${encodeURIComponent(step)}` : ""}`;

export const start = (runbook: string, parameters: Record<string, unknown>) => post<Run>("/api/v1/runs", { runbook, parameters });
export const cancel = (id: string) => post<Run>(`/api/v1/runs/${id}/cancel`);
export const approve = (id: string, step: string, approved: boolean, comment?: string) =>
  post<Run>(`/api/v1/runs/${id}/steps/${encodeURIComponent(step)}/approve`, { approved, comment });
