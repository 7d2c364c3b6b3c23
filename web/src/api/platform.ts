import { queryOptions } from "@tanstack/react-query";
import { parseCondition } from "@/state/where";
import { get, patch, post, put, remove, type Query } from "./client";
import type { Reader } from "./lists";
import type { Agent, Enrolment, EnrolmentDraft, LedgerEntry, LedgerState, NewToken, Page, Role, SearchAnswer, Team, TokenDraft, User, UserChange, UserDraft } from "./types";

export const ledgerPath = "/api/v1/ledger";

/** The ledger has parameters of its own instead of conditions. */
export function ledgerParams(where: string[] | undefined): Query {
  const out: Record<string, string | string[]> = {};
  for (const w of where ?? []) {
    const c = parseCondition(w);
    if (!c) continue;
    if (c.field === "type") out.type = c.values;
    else if (c.field === "at") out[c.operator.startsWith(">") ? "since" : "until"] = c.values[0]!;
    else if (["actor", "item", "subject"].includes(c.field)) out[c.field] = c.values[0]!;
  }
  return out;
}

export const readLedger: Reader<LedgerEntry> = (params, cursor, signal) =>
  get<Page<LedgerEntry>>(ledgerPath, { ...ledgerParams(params.where), limit: params.limit ?? 100, cursor }, signal);

export const ledgerAbout = (what: { item?: string; subject?: string; type?: string[]; limit?: number }) =>
  queryOptions({ queryKey: ["ledger", "about", what], queryFn: ({ signal }) => get<Page<LedgerEntry>>(ledgerPath, { limit: 50, ...what }, signal) });
export const verifyQuery = queryOptions({
  queryKey: ["ledger-verify"],
  queryFn: ({ signal }) => get<LedgerState>("/api/v1/ledger/verify", {}, signal),
  staleTime: 300_000,
  retry: false,
});

export const searchQuery = (q: string) =>
  queryOptions({
    queryKey: ["search", q],
    queryFn: ({ signal }) => get<SearchAnswer>("/api/v1/search", { q, limit: 20 }, signal),
    enabled: q.trim().length > 1,
    staleTime: 10_000,
    placeholderData: (before) => before,
  });

export const agentsPath = "/api/v1/agents";
export const agentQuery = (id: string) => queryOptions({ queryKey: ["agent", id], queryFn: ({ signal }) => get<Agent>(`/api/v1/agents/${id}`, {}, signal) });
export const enrol = (draft: EnrolmentDraft) => post<Enrolment>("/api/v1/enrolments", draft);
export const forgetAgent = (id: string) => remove<void>(`/api/v1/agents/${id}`);
export const refreshAgent = (id: string) => post<void>(`/api/v1/agents/${id}/refresh`);

export const usersPath = "/api/v1/users";
export const teamsPath = "/api/v1/teams";
export const tokensPath = "/api/v1/tokens";
export const rolesQuery = queryOptions({ queryKey: ["role"], queryFn: ({ signal }) => get<Page<Role>>("/api/v1/roles", {}, signal), staleTime: 300_000 });
export const teamsQuery = queryOptions({ queryKey: ["team", "all"], queryFn: ({ signal }) => get<Page<Team>>(teamsPath, { limit: 500 }, signal), staleTime: 60_000 });
export const usersQuery = queryOptions({ queryKey: ["user", "all"], queryFn: ({ signal }) => get<Page<User>>(usersPath, { limit: 500 }, signal), staleTime: 60_000, retry: false });
export const createUser = (draft: UserDraft) => post<User>(usersPath, draft);
export const changeUser = (id: string, change: UserChange) => patch<User>(`${usersPath}/${id}`, change);
export const createTeam = (body: { name: string; description?: string }) => post<Team>(teamsPath, body);
export const changeTeam = (id: string, body: { name: string; description?: string }) => put<Team>(`${teamsPath}/${id}`, body);
export const createToken = (draft: TokenDraft) => post<NewToken>(tokensPath, draft);
export const revokeToken = (id: string) => remove<void>(`${tokensPath}/${id}`);
