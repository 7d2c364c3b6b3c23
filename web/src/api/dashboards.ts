import { queryOptions } from "@tanstack/react-query";
import { get, post, put, remove } from "./client";
import type { components } from "./generated/schema";

type Schemas = components["schemas"];

export type Dashboard = Schemas["Dashboard"];
export type Spec = Schemas["DashboardSpec"];
export type Panel = Schemas["DashboardPanel"];
export type PanelType = Panel["type"];
export type Place = Schemas["DashboardPlace"];
export type Target = Schemas["DashboardTarget"];
export type Threshold = Schemas["DashboardThreshold"];
export type Mapping = Schemas["DashboardMapping"];
export type Variable = Schemas["DashboardVariable"];
export type Calc = NonNullable<Panel["reduce"]>;
export type Converted = Schemas["DashboardConverted"];
export type Generated = Schemas["DashboardGenerated"];
export type Choice = Schemas["DashboardChoice"];

export const dashboardsPath = "/api/v1/dashboards";
const one = (ref: string) => `${dashboardsPath}/${encodeURIComponent(ref)}`;

export const dashboardQuery = (ref: string) => queryOptions({ queryKey: ["dashboard", ref], queryFn: ({ signal }) => get<Dashboard>(one(ref), {}, signal) });
export const tagsQuery = queryOptions({ queryKey: ["dashboard", "tags"], queryFn: async ({ signal }) => (await get<{ items: string[] }>("/api/v1/dashboard-tags", {}, signal)).items });
export const createDashboard = (name: string, spec: Spec) => post<Dashboard>(dashboardsPath, { name, spec });
export const setDashboard = (d: Pick<Dashboard, "id" | "version">, spec: Spec) => put<Dashboard>(one(d.id), { spec }, { "If-Match": `"${d.version}"` });
export const deleteDashboard = (id: string) => remove<void>(one(id));
export const markDashboard = (id: string, liked: boolean) => (liked ? put<void>(`${one(id)}/favourite`, {}) : remove<void>(`${one(id)}/favourite`));
export const convertDashboard = (raw: unknown) => post<Converted>(`${dashboardsPath}/import`, raw);

/** The dashboard of an item, made of what is measured now. */
export const generatedQuery = (cls: string, item?: string) =>
  queryOptions({ queryKey: ["dashboard", "class", cls, item ?? ""], queryFn: ({ signal }) => get<Generated>(`/api/v1/dashboard-classes/${encodeURIComponent(cls)}`, { item }, signal), staleTime: 60_000 });

/** The items a selector matches, by name: for variables and maps. */
export const choicesQuery = (selector: string) =>
  queryOptions({
    queryKey: ["item", "choices", selector],
    queryFn: async ({ signal }) => (await get<{ items: Choice[]; more: boolean }>("/api/v1/dashboard-items", { selector }, signal)).items,
    staleTime: 30_000, enabled: Boolean(selector), retry: false,
  });
