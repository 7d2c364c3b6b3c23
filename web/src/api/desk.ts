import { queryOptions } from "@tanstack/react-query";
import { get, patch, post, request } from "./client";
import { page } from "./lists";
import type { Attachment, Comment, Incident, IncidentDraft, IncidentMove, Note, Page } from "./types";

export const incidentsPath = "/api/v1/incidents";
export const incidentQuery = (id: string) =>
  queryOptions({ queryKey: ["incident", id], queryFn: ({ signal }) => get<Incident>(`/api/v1/incidents/${id}`, {}, signal) });
export const commentsQuery = (id: string) =>
  queryOptions({ queryKey: ["incident", id, "comments"], queryFn: ({ signal }) => get<Page<Comment>>(`/api/v1/incidents/${id}/comments`, {}, signal) });
export const attachmentsQuery = (id: string) =>
  queryOptions({ queryKey: ["incident", id, "attachments"], queryFn: ({ signal }) => get<Page<Attachment>>(`/api/v1/incidents/${id}/attachments`, {}, signal) });
export const timelineQuery = (id: string) =>
  queryOptions({ queryKey: ["incident", id, "timeline"], queryFn: ({ signal }) => get<Page<Note>>(`/api/v1/incidents/${id}/timeline`, { limit: 200 }, signal) });

/** The incidents of a situation. */
export const incidentsOf = (situation: string) =>
  queryOptions({ queryKey: ["incident", "of-situation", situation], queryFn: ({ signal }) => page<Incident>(incidentsPath, { where: [`situation=${situation}`], limit: 5 }, undefined, signal) });

export const openIncident = (draft: IncidentDraft) => post<Incident>(incidentsPath, draft);
export const changeIncident = (id: string, change: Partial<Pick<Incident, "title" | "description" | "impact" | "urgency">>) => patch<Incident>(`/api/v1/incidents/${id}`, change);
export const assign = (id: string, to: { team?: string; assignee?: string }) => post<Incident>(`/api/v1/incidents/${id}/assign`, to);
export const transition = (id: string, move: IncidentMove) => post<Incident>(`/api/v1/incidents/${id}/transition`, move);
export const comment = (id: string, body: string, isPublic: boolean) => post<Comment>(`/api/v1/incidents/${id}/comments`, { body, public: isPublic });
export const attach = (id: string, file: File) =>
  request<Attachment>("POST", `/api/v1/incidents/${id}/attachments`, { query: { name: file.name }, body: new Blob([file], { type: "application/octet-stream" }) });
