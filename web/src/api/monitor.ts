import { queryOptions } from "@tanstack/react-query";
import { get, post, put, remove, request } from "./client";
import type { Check, CheckResult, CheckSpec, Covered, Maintenance, MaintenanceDraft, MetricRule, Page, RulePreview, RuleSeries, RuleSpec, WindowItems } from "./types";

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
export const maintenanceQuery = (id: string) => queryOptions({ queryKey: ["maintenance", id], queryFn: ({ signal }) => get<Maintenance>(`${maintenancePath}/${id}`, {}, signal) });
/** Which items a window would cover now. */
export const coveredQuery = (what: WindowItems) =>
  queryOptions({ queryKey: ["maintenance", "preview", what], queryFn: ({ signal }) => request<Covered>("POST", `${maintenancePath}/preview`, { body: what, signal }), retry: false });

export const setCheck = (c: Pick<Check, "id" | "version">, spec: CheckSpec) => put<Check>(`${checksPath}/${c.id}`, { spec }, { "If-Match": `"${c.version}"` });

export const rulesPath = "/api/v1/metric-rules";
export const ruleQuery = (id: string) => queryOptions({ queryKey: ["metric-rule", id], queryFn: ({ signal }) => get<MetricRule>(`${rulesPath}/${id}`, {}, signal), refetchInterval: 15_000 });
export const ruleSeriesQuery = (id: string) =>
  queryOptions({ queryKey: ["metric-rule", id, "series"], queryFn: async ({ signal }) => (await get<{ items: RuleSeries[] }>(`${rulesPath}/${id}/series`, {}, signal)).items, refetchInterval: 15_000 });
export const createRule = (name: string, spec: RuleSpec) => post<MetricRule>(rulesPath, { name, spec });
/** When a rule would have fired in the last days. */
export const previewRule = (spec: RuleSpec, days: number, signal?: AbortSignal) =>
  request<RulePreview>("POST", `${rulesPath}/preview`, { body: { spec, from: new Date(Date.now() - days * 86_400_000).toISOString() }, signal });
export const setRule = (r: Pick<MetricRule, "id" | "version">, spec: RuleSpec) => put<MetricRule>(`${rulesPath}/${r.id}`, { spec }, { "If-Match": `"${r.version}"` });
