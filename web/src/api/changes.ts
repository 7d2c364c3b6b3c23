import { queryOptions } from "@tanstack/react-query";
import { get, post, put } from "./client";
import { page } from "./lists";
import type { Change, ChangeDraft } from "./types";

export const changesPath = "/api/v1/changes";
export const changeQuery = (id: string) =>
  queryOptions({ queryKey: ["change", id], queryFn: ({ signal }) => get<Change>(`${changesPath}/${id}`, {}, signal) });

/** The changes of an item that somebody means to make or has made, the latest first. */
export const changesOf = (item: string) =>
  queryOptions({
    queryKey: ["change", "of-item", item],
    queryFn: ({ signal }) => page<Change>(changesPath, { where: ["state=requested,approved,implementing,done"], sort: "-plannedStart", limit: 5, extra: { affects: item } }, undefined, signal),
  });

export const draftChange = (draft: ChangeDraft) => post<Change>(changesPath, draft);
export const writeChange = (id: string, draft: ChangeDraft) => put<Change>(`${changesPath}/${id}`, draft);
export const decide = (id: string, action: "approve" | "reject", reason?: string) => post<Change>(`${changesPath}/${id}/decision`, { action, reason });
export const stepChange = (id: string, action: "request" | "revise" | "start" | "finish" | "cancel", reason?: string) => post<Change>(`${changesPath}/${id}/transition`, { action, reason });
export const moveChange = (id: string, plan: { plannedStart: string; plannedEnd: string }) => post<Change>(`${changesPath}/${id}/plan`, plan);
