import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { get, type Query } from "./client";
import type { Page, ServiceHealth, ServiceHealthPage, ServicePast, ServicePicture, ServiceTree } from "./types";

const path = "/api/v1/service-health";
const one = (id: string) => `${path}/${encodeURIComponent(id)}`;

/** Alerts change states without an entry of their own reaching the page first: what is shown is never older than this. */
const fresh = 15_000;

export const healthPageQuery = (params: Query) =>
  queryOptions({ queryKey: ["service-health", "list", params], queryFn: ({ signal }) => get<ServiceHealthPage>(path, params, signal), placeholderData: keepPreviousData, refetchInterval: fresh });
/** The services that are not well, and how they stand. */
export const troubledServicesQuery = queryOptions({
  queryKey: ["service-health", "troubled"],
  queryFn: async ({ signal }) => new Map((await get<ServiceHealthPage>(path, { kind: "service", state: "down,degraded", brief: "true", limit: "1000" }, signal)).items.map((v) => [v.id, v.state])),
  refetchInterval: fresh,
});
export const serviceHealthQuery = (id: string) =>
  queryOptions({ queryKey: ["service-health", "one", id], queryFn: ({ signal }) => get<ServiceHealth>(one(id), {}, signal), refetchInterval: fresh });
export const serviceTreeQuery = (id: string, item?: string) =>
  queryOptions({ queryKey: ["service-health", "tree", id, item ?? ""], queryFn: ({ signal }) => get<ServiceTree>(`${one(id)}/tree`, { item }, signal), refetchInterval: fresh });
export const servicePictureQuery = (id: string) =>
  queryOptions({ queryKey: ["service-health", "map", id], queryFn: ({ signal }) => get<ServicePicture>(`${one(id)}/map`, {}, signal), refetchInterval: fresh });

/** How subjects stood in the last hours; the end moves on with the minute, so that the strips do. */
export const servicePastQuery = (ids: string[], hours: number, minute: number) =>
  queryOptions({
    queryKey: ["service-health", "past", ids, hours, minute],
    queryFn: ({ signal }) => get<Page<ServicePast>>(`${path}/history`, { ids: ids.join(","), from: new Date(minute * 60_000 - hours * 3_600_000).toISOString() }, signal),
    enabled: ids.length > 0,
    placeholderData: keepPreviousData,
  });
