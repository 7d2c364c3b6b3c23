import { queryOptions } from "@tanstack/react-query";
import { get, post, put, remove } from "./client";
import type { Delivery, EscalationPolicy, MyNotifications, NotificationChannel, OnCallPage, OnCallPageDetail, OnCallPreferences, OnCallReport, Rota, RotaSchedule } from "./types";

const named = (path: string, name: string) => `/api/v1/${path}/${encodeURIComponent(name)}`;
const items = async <T>(path: string, signal?: AbortSignal) => (await get<{ items: T[] }>(path, {}, signal)).items;

export const rotasQuery = queryOptions({ queryKey: ["rota", "list"], queryFn: ({ signal }) => items<Rota>("/api/v1/rotas", signal), refetchInterval: 30_000 });
export const scheduleQuery = (name: string, from: string, to: string) =>
  queryOptions({ queryKey: ["rota", name, "schedule", from, to], queryFn: ({ signal }) => get<RotaSchedule>(`${named("rotas", name)}/schedule`, { from, to }, signal), refetchInterval: 60_000 });
export const makeOverride = (rota: string, draft: { person: string; from: string; to: string; reason?: string }) => post<unknown>(`${named("rotas", rota)}/overrides`, draft);
export const removeOverride = (rota: string, override: string) => remove<void>(`${named("rotas", rota)}/overrides/${encodeURIComponent(override)}`);
export const rotaCalendar = (rota: string) => post<{ url: string }>(`${named("rotas", rota)}/calendar`, undefined);

export const policiesQuery = queryOptions({ queryKey: ["policy", "list"], queryFn: ({ signal }) => items<EscalationPolicy>("/api/v1/escalation-policies", signal), refetchInterval: 30_000 });
export const channelsQuery = queryOptions({ queryKey: ["channel", "list"], queryFn: ({ signal }) => items<NotificationChannel>("/api/v1/channels", signal), refetchInterval: 30_000 });
export const testChannel = (name: string) => post<{ id: string }>(`${named("channels", name)}/test`, undefined);
export const deliveryQuery = (id: string) =>
  queryOptions({ queryKey: ["delivery", id], queryFn: ({ signal }) => get<Delivery>(named("deliveries", id), {}, signal), refetchInterval: (q) => (q.state.data && q.state.data.state !== "waiting" ? false : 1000) });

export const pagesPath = "/api/v1/pages";
export const situationPagesQuery = (id: string) => queryOptions({ queryKey: ["page", "situation", id], queryFn: ({ signal }) => items<OnCallPageDetail>(`/api/v1/situations/${id}/pages`, signal), refetchInterval: 10_000 });
export const actOnPage = (id: string, verb: "acknowledge" | "resolve" | "snooze" | "reassign", body: Record<string, unknown> = {}) => post<OnCallPage>(`${pagesPath}/${id}/${verb}`, body);
export const onCallReportQuery = (from: string, to: string) => queryOptions({ queryKey: ["page", "report", from, to], queryFn: ({ signal }) => get<OnCallReport>("/api/v1/on-call-report", { from, to }, signal) });

export const myNotificationsQuery = queryOptions({ queryKey: ["my-notifications"], queryFn: ({ signal }) => get<MyNotifications>("/api/v1/me/notifications", {}, signal) });
export const setMyNotifications = (p: OnCallPreferences) => put<MyNotifications>("/api/v1/me/notifications", p);
export const testMine = (channel: string) => post<{ id: string }>("/api/v1/me/notifications/test", { channel });
export const myDeliveriesQuery = queryOptions({ queryKey: ["delivery", "mine"], queryFn: ({ signal }) => items<Delivery>("/api/v1/me/deliveries", signal), refetchInterval: 10_000 });
export const myCalendar = () => post<{ url: string }>("/api/v1/me/calendar", undefined);
export const addBrowser = (s: { endpoint: string; p256dh: string; auth: string }) => post<void>("/api/v1/me/browsers", s);
export const removeBrowser = (endpoint: string) => post<void>("/api/v1/me/browsers/remove", { endpoint });
