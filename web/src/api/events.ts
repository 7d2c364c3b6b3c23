import { queryOptions } from "@tanstack/react-query";
import { get, post, put } from "./client";
import type { Alert, AlertDetail, AlertOutcome, Health, Matcher, Page, Silence, SilenceDraft, SilencePreview, Situation, SituationDetail } from "./types";

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

export type AlertAction = "acknowledge" | "unacknowledge" | "comment" | "clear" | "assign";
/** One thing done to many alerts; the answer says of each whether it was done. The server takes 1,000 at once. */
export async function actOnAlerts(action: AlertAction, ids: string[], text?: string): Promise<AlertOutcome[]> {
  const out: AlertOutcome[] = [];
  for (let i = 0; i < ids.length; i += 1000) {
    const answer = await post<{ results: AlertOutcome[] }>("/api/v1/alerts/bulk", { action, ids: ids.slice(i, i + 1000), ...(text ? { text } : {}) });
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
