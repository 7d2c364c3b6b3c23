import { queryOptions } from "@tanstack/react-query";
import { get, post, remove } from "./client";
import type { Check, CheckResult, Maintenance, MaintenanceDraft, Page } from "./types";

export const checksPath = "/api/v1/checks";
export const checkQuery = (id: string) => queryOptions({ queryKey: ["check", id], queryFn: ({ signal }) => get<Check>(`/api/v1/checks/${id}`, {}, signal) });
export const resultsQuery = (id: string) =>
  queryOptions({
    queryKey: ["check", id, "results"],
    queryFn: ({ signal }) => get<Page<CheckResult>>(`/api/v1/checks/${id}/results`, { limit: 200 }, signal),
    refetchInterval: 15_000,
  });
export const runCheck = (id: string) => post<CheckResult>(`/api/v1/checks/${id}/run`);

export const maintenancePath = "/api/v1/maintenance";
export const planMaintenance = (draft: MaintenanceDraft) => post<Maintenance>(maintenancePath, draft);
export const removeMaintenance = (id: string) => remove<void>(`${maintenancePath}/${id}`);
