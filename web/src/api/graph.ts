import { queryOptions } from "@tanstack/react-query";
import { get } from "./client";
import type { ClassInfo, Impact, ItemDetails, MapView, Moment, Relation } from "./items";
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
