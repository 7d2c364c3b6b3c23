import { queryOptions } from "@tanstack/react-query";
import { get, post, put, remove, request } from "./client";
import type { Check, CheckCoverage, CheckResult, CheckSpec, Covered, HeartbeatAddress, Pings, Reasons, Maintenance, MaintenanceDraft, MetricRule, Occurrence, OccurrenceChange, Page, RulePreview, RuleSeries, RuleSpec, WindowItems } from "./types";

export const checksPath = "/api/v1/checks";
export const checkQuery = (id: string) => queryOptions({ queryKey: ["check", id], queryFn: ({ signal }) => get<Check>(`/api/v1/checks/${id}`, {}, signal), refetchInterval: 15_000 });
/** Where the picture of a result is. */
export const screenshotPath = (check: string, r: CheckResult) => `/api/v1/checks/${check}/screenshot?at=${encodeURIComponent(r.at)}&target=${r.target}`;
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

/** The window that follows a change. */
export const windowOfChange = (change: string) =>
  queryOptions({ queryKey: ["maintenance", "of-change", change], queryFn: async ({ signal }) => (await get<{ items: Maintenance[] }>(maintenancePath, { where: [`change=${change}`], limit: 1 }, signal)).items[0] ?? null });
export const endMaintenance = (id: string) => post<Maintenance>(`${maintenancePath}/${id}/end`, {});
export const extendMaintenance = (id: string, minutes: number) => post<Maintenance>(`${maintenancePath}/${id}/extend`, { minutes });
/** One occurrence of a window that recurs, named by its start as the recurrence gives it. */
export const changeOccurrence = (id: string, change: OccurrenceChange) => post<Maintenance>(`${maintenancePath}/${id}/occurrences`, change);
/** When maintenance is, in order, in the next days. */
export const occurrencesQuery = (days: number) =>
  queryOptions({
    queryKey: ["maintenance", "occurrences", days],
    queryFn: async ({ signal }) => (await get<{ items: Occurrence[] }>(`${maintenancePath}/occurrences`, { to: new Date(Date.now() + days * 86_400_000).toISOString(), cancelled: true }, signal)).items,
  });

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

/** Why a check is in its state on one of its items. */
export const whyQuery = (id: string, target?: string) =>
  queryOptions({ queryKey: ["check", id, "why", target ?? ""], queryFn: ({ signal }) => get<Reasons>(`${checksPath}/${id}/why`, { target }, signal), refetchInterval: 15_000 });
export const pingsQuery = (id: string, target?: string) =>
  queryOptions({ queryKey: ["check", id, "pings", target ?? ""], queryFn: ({ signal }) => get<Pings>(`${checksPath}/${id}/pings`, { target, limit: 50 }, signal), refetchInterval: 10_000 });
export const rotateAddress = (id: string, target?: string) => post<HeartbeatAddress>(`${checksPath}/${id}/heartbeat-address`, { target });
export const coverageQuery = (selector: string, kind?: string) =>
  queryOptions({ queryKey: ["check", "coverage", selector, kind ?? ""], queryFn: ({ signal }) => get<CheckCoverage>("/api/v1/check-coverage", { selector, kind }, signal), retry: false });
