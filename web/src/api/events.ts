import { queryOptions } from "@tanstack/react-query";
import { get, post } from "./client";
import { list, type ListParams } from "./lists";
import type { Alert, Situation, SituationDetail } from "./types";

export const alertsPath = "/api/v1/alerts";
export const alertList = (params: ListParams) => list<Alert>("alert", alertsPath, params);
export const alertQuery = (id: string) => queryOptions({ queryKey: ["alert", id], queryFn: ({ signal }) => get<Alert>(`/api/v1/alerts/${id}`, {}, signal) });

export const situationsPath = "/api/v1/situations";
export const situationList = (params: ListParams) => list<Situation>("situation", situationsPath, params);
export const situationQuery = (id: string) =>
  queryOptions({ queryKey: ["situation", id], queryFn: ({ signal }) => get<SituationDetail>(`/api/v1/situations/${id}`, {}, signal) });

export const acknowledge = (id: string, comment?: string) => post<Alert>(`/api/v1/alerts/${id}/acknowledge`, { comment });
export const unacknowledge = (id: string) => post<Alert>(`/api/v1/alerts/${id}/unacknowledge`);
export const clearAlert = (id: string, comment?: string) => post<Alert>(`/api/v1/alerts/${id}/clear`, { comment });
export const commentAlert = (id: string, comment: string) => post<Alert>(`/api/v1/alerts/${id}/comment`, { comment });
export const assignAlert = (id: string, assignee: string) => post<Alert>(`/api/v1/alerts/${id}/assign`, { assignee });
