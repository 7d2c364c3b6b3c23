import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { get, post, put } from "./client";
import type { ListParams } from "./lists";
import type { Alert, AlertDetail, AlertGroups, AlertOutcome, BulkRun, Health, Matcher, Page, Silence, SilenceDraft, SilencePreview, Situation, SituationDetail } from "./types";

export const alertsPath = "/api/v1/alerts";
export const readAlert = (id: string, signal?: AbortSignal) => get<AlertDetail>(`/api/v1/alerts/${id}`, {}, signal);
export const alertQuery = (id: string) => queryOptions({ queryKey: ["alert", id], queryFn: ({ signal }) => readAlert(id, signal) });

export const situationsPath = "/api/v1/situations";
export const situationQuery = (id: string) =>
  queryOptions({ queryKey: ["situation", id], queryFn: ({ signal }) => get<SituationDetail>(`/api/v1/situations/${id}`, {}, signal) });

/** How all items with an active alert are; the others are clear. */
export const healthQuery = queryOptions({
  queryKey: ["alert", "health"],
  queryFn: async ({ signal }) => new Map((await get<Page<Health>>("/api/v1/health", {}, signal)).items.map((h) => [h.item, h])),
});

export const acknowledge = (id: string, note?: string) => post<Alert>(`/api/v1/alerts/${id}/acknowledge`, { note });
export const unacknowledge = (id: string) => post<Alert>(`/api/v1/alerts/${id}/unacknowledge`, {});
export const clearAlert = (id: string, note?: string) => post<Alert>(`/api/v1/alerts/${id}/clear`, { note });
export const commentAlert = (id: string, text: string) => post<Alert>(`/api/v1/alerts/${id}/comment`, { text });
export const acknowledgeSituation = (id: string, note?: string) => post<Situation>(`/api/v1/situations/${id}/acknowledge`, { note });

/** What a person decides about situations. Each answers with the situation it was asked of. */
export const confirmRoot = (id: string, root: { item?: string; alert?: string }) => post<SituationDetail>(`/api/v1/situations/${id}/root-cause`, root);
export const mergeSituations = (into: string, from: string[]) => post<SituationDetail>(`/api/v1/situations/${into}/merge`, { from });
export const moveAlerts = (from: string, alerts: string[], to?: string) => post<SituationDetail>(`/api/v1/situations/${from}/move`, { alerts, ...(to ? { to } : {}) });
export const reopenSituation = (id: string, note?: string) => post<SituationDetail>(`/api/v1/situations/${id}/reopen`, { note: note || undefined });
export const closeSituation = (id: string, note?: string) => post<SituationDetail>(`/api/v1/situations/${id}/close`, { note: note || undefined });

export type AlertAction = "acknowledge" | "unacknowledge" | "comment" | "clear" | "assign" | "snooze" | "suppress" | "release" | "link" | "unlink";
/** An action with what it needs to be known. */
export interface Deed {
  action: AlertAction;
  text?: string;
  user?: string;
  team?: string;
  until?: string;
  wakes?: "time" | "worse" | "change";
  url?: string;
  record?: string;
  title?: string;
}

/** Which alerts, as the list of alerts is asked; by and value name a group. */
export interface AlertFilter {
  q?: string;
  where?: string[];
  by?: string;
  value?: string;
}
export const startBulk = (deed: Deed, filter: AlertFilter) => post<BulkRun>("/api/v1/alerts/bulk-runs", { ...deed, filter });
export const stopBulk = (id: string) => post<BulkRun>(`/api/v1/alerts/bulk-runs/${id}/stop`);
export const bulkQuery = (id: string) =>
  queryOptions({ queryKey: ["bulk-run", id], queryFn: ({ signal }) => get<BulkRun>(`/api/v1/alerts/bulk-runs/${id}`, {}, signal), refetchInterval: (q) => (q.state.data && q.state.data.state !== "running" ? false : 700) });

/** Active alerts counted in groups, the worst first. */
export const groupsQuery = (by: string, params: ListParams) =>
  queryOptions({ queryKey: ["alert", "groups", by, params.q, params.where], queryFn: ({ signal }) => get<AlertGroups>("/api/v1/alerts/groups", { by, q: params.q, where: params.where }, signal), placeholderData: keepPreviousData });

export const setPriority = (id: string, priority: string, note?: string) => post<SituationDetail>(`/api/v1/situations/${id}/priority`, { priority, ...(note ? { note } : {}) });

/** One thing done to many alerts; the answer says of each whether it was done. The server takes 1,000 at once. */
export const actOnAlerts = (action: AlertAction, ids: string[], text?: string) => doToAlerts({ action, ...(text ? { text } : {}) }, ids);
export async function doToAlerts(deed: Deed, ids: string[]): Promise<AlertOutcome[]> {
  const out: AlertOutcome[] = [];
  for (let i = 0; i < ids.length; i += 1000) {
    const answer = await post<{ results: AlertOutcome[] }>("/api/v1/alerts/bulk", { ...deed, ids: ids.slice(i, i + 1000) });
    out.push(...answer.results);
  }
  return out;
}

export const silencesPath = "/api/v1/silences";
export const silenceQuery = (id: string) => queryOptions({ queryKey: ["silence", id], queryFn: ({ signal }) => get<Silence>(`${silencesPath}/${id}`, {}, signal) });
/** The active alerts that matchers fit now. */
export const silencePreview = (matchers: Matcher[]) =>
  queryOptions({ queryKey: ["alert", "silence-preview", matchers], queryFn: () => post<SilencePreview>(`${silencesPath}/preview`, { matchers }), enabled: matchers.length > 0, placeholderData: (before?: SilencePreview) => before, retry: false });
export const createSilence = (draft: SilenceDraft) => post<Silence>(silencesPath, draft);
export const changeSilence = (id: string, draft: SilenceDraft) => put<Silence>(`${silencesPath}/${id}`, draft);
export const expireSilence = (id: string) => post<Silence>(`${silencesPath}/${id}/expire`);
