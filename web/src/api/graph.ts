import { queryOptions } from "@tanstack/react-query";
import { get } from "./client";
import { list, type ListParams } from "./lists";
import type { Affected, ClassInfo, Item, ItemVersion, MapView, Page, Relation } from "./types";

export const itemsPath = "/api/v1/items";
export const itemList = (params: ListParams) => list<Item>("item", itemsPath, params);

export const itemQuery = (id: string, at?: string) =>
  queryOptions({ queryKey: ["item", id, at ?? ""], queryFn: ({ signal }) => get<Item>(`/api/v1/items/${id}`, { at }, signal) });

export const relationsQuery = (id: string, at?: string) =>
  queryOptions({
    queryKey: ["item", id, "relations", at ?? ""],
    queryFn: ({ signal }) => get<Page<Relation>>(`/api/v1/items/${id}/relations`, { at, limit: 500 }, signal),
  });

export const historyQuery = (id: string) =>
  queryOptions({ queryKey: ["item", id, "history"], queryFn: ({ signal }) => get<Page<ItemVersion>>(`/api/v1/items/${id}/history`, { limit: 200 }, signal) });

export const impactQuery = (id: string) =>
  queryOptions({ queryKey: ["item", id, "impact"], queryFn: ({ signal }) => get<Page<Affected>>(`/api/v1/items/${id}/impact`, {}, signal) });

export const classesQuery = queryOptions({
  queryKey: ["class"],
  queryFn: ({ signal }) => get<Page<ClassInfo>>("/api/v1/classes", { limit: 500 }, signal),
  staleTime: 300_000,
});

export const mapQuery = (params: { focus?: string; hops?: string; q?: string; at?: string }) =>
  queryOptions({ queryKey: ["map", params], queryFn: ({ signal }) => get<MapView>("/api/v1/map", params, signal), staleTime: 10_000 });
