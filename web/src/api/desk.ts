import { queryOptions } from "@tanstack/react-query";
import { get, patch, post, request } from "./client";
import { list, type ListParams } from "./lists";
import type { Attachment, Comment, Incident, Page } from "./types";

export const incidentsPath = "/api/v1/incidents";
export const incidentList = (params: ListParams) => list<Incident>("incident", incidentsPath, params);
export const incidentQuery = (id: string) =>
  queryOptions({ queryKey: ["incident", id], queryFn: ({ signal }) => get<Incident>(`/api/v1/incidents/${id}`, {}, signal) });
export const commentsQuery = (id: string) =>
  queryOptions({ queryKey: ["incident", id, "comments"], queryFn: ({ signal }) => get<Page<Comment>>(`/api/v1/incidents/${id}/comments`, {}, signal) });
export const attachmentsQuery = (id: string) =>
  queryOptions({ queryKey: ["incident", id, "attachments"], queryFn: ({ signal }) => get<Page<Attachment>>(`/api/v1/incidents/${id}/attachments`, {}, signal) });

export const openIncident = (body: { title: string; description?: string; item?: string; impact?: string; urgency?: string }) =>
  post<Incident>("/api/v1/incidents", body);
export const changeIncident = (id: string, body: Partial<Pick<Incident, "title" | "description" | "team" | "assignee" | "impact" | "urgency">>) =>
  patch<Incident>(`/api/v1/incidents/${id}`, body);
export const transition = (id: string, state: string, comment?: string) => post<Incident>(`/api/v1/incidents/${id}/transition`, { state, comment });
export const comment = (id: string, body: string, internal: boolean) => post<Comment>(`/api/v1/incidents/${id}/comments`, { body, internal });
export function attach(id: string, file: File) {
  const form = new FormData();
  form.append("file", file);
  return request<Attachment>("POST", `/api/v1/incidents/${id}/attachments`, { body: form });
}
