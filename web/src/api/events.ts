import { queryOptions } from "@tanstack/react-query";
import { get, post } from "./client";
import type { Alert, AlertDetail, Health, Page, Situation, SituationDetail } from "./types";

export const alertsPath = "/api/v1/alerts";
export const alertQuery = (id: string) => queryOptions({ queryKey: ["alert", id], queryFn: ({ signal }) => get<AlertDetail>(`/api/v1/alerts/${id}`, {}, signal) });

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
