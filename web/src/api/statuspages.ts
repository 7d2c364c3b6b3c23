import { queryOptions } from "@tanstack/react-query";
import { get, post, request } from "./client";
import type { StatusDraft, StatusIncident, StatusPage } from "./types";

const path = (name: string) => `/api/v1/status-pages/${encodeURIComponent(name)}`;

export const statusPagesQuery = queryOptions({
  queryKey: ["status-page", "list"],
  queryFn: async ({ signal }) => (await get<{ items: StatusPage[] }>("/api/v1/status-pages", {}, signal)).items,
  refetchInterval: 15_000,
});
export const statusPageQuery = (name: string) => queryOptions({ queryKey: ["status-page", name], queryFn: ({ signal }) => get<StatusPage>(path(name), {}, signal), refetchInterval: 15_000 });
export const statusIncidentsQuery = (name: string) =>
  queryOptions({ queryKey: ["status-page", name, "incidents"], queryFn: async ({ signal }) => (await get<{ items: StatusIncident[] }>(`${path(name)}/incidents`, {}, signal)).items });

/** Posts something new, or an update of an incident. */
export const postStatus = (name: string, draft: StatusDraft, incident?: string) =>
  post<StatusIncident>(incident ? `${path(name)}/incidents/${incident}/updates` : `${path(name)}/incidents`, draft);

/** The page as it would be. */
export const previewQuery = (name: string, draft: StatusDraft, incident?: string) =>
  queryOptions({
    queryKey: ["status-page", name, "preview", incident ?? "", draft],
    queryFn: async ({ signal }) => (await request<{ html: string }>("POST", `${path(name)}/preview`, { query: { incident }, body: draft, signal })).html,
    retry: false,
  });
