import { queryOptions } from "@tanstack/react-query";
import { get, post, put, remove } from "./client";
import type { LogRulePreview, LogRuleSpec, LogRuleStatus, SavedSearch, SavedSearchDraft } from "./types";

const path = "/api/v1/logs/searches";

/** One's own searches and those that are shared. */
export const searchesQuery = queryOptions({ queryKey: ["log-search"], queryFn: async ({ signal }) => (await get<{ items: SavedSearch[] }>(path, {}, signal)).items, staleTime: 30_000 });
export const saveSearch = (draft: SavedSearchDraft) => post<SavedSearch>(path, draft);
export const changeSearch = (s: SavedSearch, draft: SavedSearchDraft) => put<SavedSearch>(`${path}/${s.id}`, draft, { "If-Match": `"${s.version}"` });
export const deleteSearch = (s: SavedSearch) => remove<void>(`${path}/${s.id}`);

/** Log rules and how they go. */
export const logRulesQuery = queryOptions({ queryKey: ["log-rule"], queryFn: async ({ signal }) => (await get<{ items: LogRuleStatus[] }>("/api/v1/logs/rules", {}, signal)).items, refetchInterval: 15_000 });

/** What a rule would have done. */
export const tryLogRule = (spec: LogRuleSpec, hours: number) => post<LogRulePreview>("/api/v1/logs/rules/preview", { spec, hours });
