import { queryOptions } from "@tanstack/react-query";
import { get, post, put } from "./client";
import { page } from "./lists";
import type { Decision, KillSwitch, Run, Runbook, RunDetail } from "./types";

export const runbooksPath = "/api/v1/runbooks";
export const runbookQuery = (name: string) =>
  queryOptions({ queryKey: ["runbook", name], queryFn: ({ signal }) => get<Runbook>(`/api/v1/runbooks/${encodeURIComponent(name)}`, {}, signal) });

export const runsPath = "/api/v1/runs";
const unfinished = new Set(["queued", "running", "cancelling"]);
export const isUnfinished = (state: string | undefined) => unfinished.has(state ?? "");
export const runQuery = (id: string) =>
  queryOptions({
    queryKey: ["run", id],
    queryFn: ({ signal }) => get<RunDetail>(`/api/v1/runs/${id}`, {}, signal),
    // Something in transition is looked at more often, should the stream be late.
    refetchInterval: (q) => (isUnfinished(q.state.data?.state) ? 3000 : false),
  });
export const outputPath = (id: string) => `/api/v1/runs/${id}/output`;

export const start = (runbook: string, parameters: Record<string, unknown>) => post<Run>(`/api/v1/runbooks/${encodeURIComponent(runbook)}/run`, { parameters });
export const cancel = (id: string) => post<Run>(`/api/v1/runs/${id}/cancel`, {});
export const rerun = (id: string) => post<Run>(`/api/v1/runs/${id}/rerun`);
export const decideStep = (id: string, step: string, yes: boolean, comment?: string) =>
  post<Run>(`/api/v1/runs/${id}/steps/${encodeURIComponent(step)}/${yes ? "approve" : "reject"}`, { comment });

export const remediationsPath = "/api/v1/remediations";
export const decisionsPath = "/api/v1/decisions";
export const decide = (id: string, yes: boolean, comment?: string) => post<Decision>(`/api/v1/decisions/${id}/${yes ? "approve" : "reject"}`, { comment });
export const killSwitchQuery = queryOptions({ queryKey: ["remediation", "kill-switch"], queryFn: ({ signal }) => get<KillSwitch>("/api/v1/remediations/kill-switch", {}, signal) });
export const setKillSwitch = (set: { on: boolean; cancelRunning?: boolean }) => put<KillSwitch>("/api/v1/remediations/kill-switch", set);

/** The latest runs made for a record. */
export const runsOf = (kind: "situation" | "incident" | "item" | "runbook", id: string) =>
  queryOptions({ queryKey: ["run", "of", kind, id], queryFn: ({ signal }) => page<Run>(runsPath, { where: [`${kind}=${id}`], sort: "-createdAt", limit: 10 }, undefined, signal) });
