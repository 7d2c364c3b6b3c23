import { queryOptions } from "@tanstack/react-query";
import { get, patch, post, remove } from "./client";
import type { ClassInfo, Duplicate, Impact, Item, ItemDetails, ItemDraft, ItemMerge, ItemPatch, MapView, Moment, Relation, RelationType } from "./items";
import type { Page } from "./types";

export const itemsPath = "/api/v1/items";

export const itemQuery = (id: string, at?: string) =>
  queryOptions({ queryKey: ["item", id, at ?? ""], queryFn: ({ signal }) => get<ItemDetails>(`/api/v1/items/${id}`, { asOf: at }, signal) });

export const relationsQuery = (id: string, at?: string) =>
  queryOptions({
    queryKey: ["item", id, "relations", at ?? ""],
    queryFn: ({ signal }) => get<Page<Relation>>(`/api/v1/items/${id}/relations`, { asOf: at }, signal),
  });

export const historyQuery = (id: string) =>
  queryOptions({ queryKey: ["item", id, "history"], queryFn: ({ signal }) => get<Page<Moment>>(`/api/v1/items/${id}/history`, { limit: 200 }, signal) });

export const impactQuery = (id: string) =>
  queryOptions({ queryKey: ["item", id, "impact"], queryFn: ({ signal }) => get<Impact>(`/api/v1/items/${id}/impact`, { limit: 1000 }, signal) });

export const classesQuery = queryOptions({
  queryKey: ["class"],
  queryFn: ({ signal }) => get<Page<ClassInfo>>("/api/v1/classes", {}, signal),
  staleTime: 300_000,
});

export const mapQuery = (params: { focus?: string; hops?: string; group?: string }) =>
  queryOptions({ queryKey: ["map", params], queryFn: ({ signal }) => get<MapView>("/api/v1/map", { ...params, limit: 2500 }, signal), staleTime: 10_000 });

export const relationTypesQuery = queryOptions({ queryKey: ["relation-type"], queryFn: ({ signal }) => get<Page<RelationType>>("/api/v1/relation-types", {}, signal), staleTime: 300_000 });
export const createItem = (draft: ItemDraft) => post<Item>(itemsPath, draft);
/** An attribute set to null takes back what people said of it. */
export const changeItem = (id: string, change: ItemPatch) => patch<Item>(`${itemsPath}/${id}`, change);
export const deleteItem = (id: string) => remove<void>(`${itemsPath}/${id}`);
export const relate = (id: string, type: string, to: string, group?: string) => post<Page<Relation>>(`${itemsPath}/${id}/relations`, { type, to: `id:${to}`, ...(group ? { group } : {}) });
export const unrelate = (id: string, type: string, to: string) => remove<void>(`${itemsPath}/${id}/relations/${encodeURIComponent(type)}/${to}`);

export const mergesQuery = (id: string) => queryOptions({ queryKey: ["item", id, "merges"], queryFn: ({ signal }) => get<Page<ItemMerge>>(`${itemsPath}/${id}/merges`, {}, signal) });
/** The item as it would be: nothing is merged by asking. */
export const mergePreview = (into: string, others: string[]) =>
  queryOptions({ queryKey: ["merge-preview", into, others], queryFn: () => post<ItemDetails>(`${itemsPath}/${into}/merge/preview`, { items: others }), retry: false, gcTime: 0, staleTime: Infinity });
export const mergeItems = (into: string, others: string[]) => post<Page<ItemMerge>>(`${itemsPath}/${into}/merge`, { items: others });
export const splitItem = (id: string, merge: string) => post<Item>(`${itemsPath}/${id}/split`, { merge });

export const duplicatesPath = "/api/v1/duplicates";
export const mergeDuplicate = (id: string, into: string) => post<Duplicate>(`${duplicatesPath}/${id}/merge`, { into });
export const dismissDuplicate = (id: string) => post<Duplicate>(`${duplicatesPath}/${id}/dismiss`);
