import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { get, post } from "./client";
import type { EventReport, Learned, LearnedPair, ReportMail, Routing, RoutingTest } from "./types";

/** What comes together more often than by chance. */
export const learnedQuery = queryOptions({ queryKey: ["learned"], queryFn: ({ signal }) => get<Learned>("/api/v1/correlation/learned", {}, signal), refetchInterval: 60_000 });

export type LearnedAction = "forget" | "ignore" | "restore";
export const decideLearned = (action: LearnedAction, p: LearnedPair) => post<Learned>("/api/v1/correlation/learned/decide", { action, book: p.book, a: p.a, b: p.b });

/** The tree of routes, the groups that wait, what inhibits what. */
export const routingQuery = queryOptions({ queryKey: ["alert", "routing"], queryFn: ({ signal }) => get<Routing>("/api/v1/alert-routing", {}, signal), refetchInterval: 10_000 });

/** Where an alert with these labels would go. */
export const routeTestQuery = (labels: Record<string, string>) =>
  queryOptions({ queryKey: ["alert", "route-test", labels], queryFn: () => post<RoutingTest>("/api/v1/alert-routing/test", { labels }), placeholderData: keepPreviousData, retry: false });

/** How long people took, and which alerts are noise. */
export const eventReportQuery = (from: string, to: string) =>
  queryOptions({ queryKey: ["event-report", from, to], queryFn: ({ signal }) => get<EventReport>("/api/v1/event-report", { from, to }, signal), placeholderData: keepPreviousData });
export const eventReportFile = (suffix: "csv" | "xlsx" | "pdf", from: string, to: string) => `/api/v1/event-report/report.${suffix}?${new URLSearchParams({ from, to })}`;

/** Which reports are sent by mail, and whether mail can be sent at all. */
export const reportMailsQuery = queryOptions({ queryKey: ["report-mail", "list"], queryFn: ({ signal }) => get<{ items: ReportMail[]; mail: boolean }>("/api/v1/report-mails", {}, signal), refetchInterval: 30_000 });
export const sendReportMail = (name: string) => post<void>(`/api/v1/report-mails/${encodeURIComponent(name)}/send`);
