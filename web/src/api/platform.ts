import { queryOptions } from "@tanstack/react-query";
import { get, patch, post, remove } from "./client";
import { list, type ListParams } from "./lists";
import type { Agent, LedgerEntry, Page, Role, SearchHit, Team, Token, User } from "./types";

export const ledgerPath = "/api/v1/ledger";
export const ledgerList = (params: ListParams) => list<LedgerEntry>("ledger", ledgerPath, params);
export const ledgerAbout = (what: { item?: string; subject?: string; limit?: number }) =>
  queryOptions({ queryKey: ["ledger", "about", what], queryFn: ({ signal }) => get<Page<LedgerEntry>>(ledgerPath, { limit: 50, ...what }, signal) });
export const verifyQuery = queryOptions({
  queryKey: ["ledger-verify"],
  queryFn: ({ signal }) => get<{ ok: boolean; checked: number; message?: string }>("/api/v1/ledger/verify", {}, signal),
  staleTime: 300_000,
  retry: false,
});

export const searchQuery = (q: string) =>
  queryOptions({
    queryKey: ["search", q],
    queryFn: ({ signal }) => get<Page<SearchHit>>("/api/v1/search", { q, limit: 20 }, signal),
    enabled: q.trim().length > 1,
    staleTime: 10_000,
    placeholderData: (before) => before,
  });

export const agentsPath = "/api/v1/agents";
export const agentList = (params: ListParams) => list<Agent>("agent", agentsPath, params);
export const agentQuery = (id: string) => queryOptions({ queryKey: ["agent", id], queryFn: ({ signal }) => get<Agent>(`/api/v1/agents/${id}`, {}, signal) });
export const enrol = (body: { name?: string; expires?: string }) => post<{ token: string; command?: string; expiresAt?: string }>("/api/v1/enrolments", body);
export const forgetAgent = (id: string) => remove<void>(`/api/v1/agents/${id}`);

export const userList = (params: ListParams) => list<User>("user", "/api/v1/users", params);
export const teamList = (params: ListParams) => list<Team>("team", "/api/v1/teams", params);
export const tokenList = (params: ListParams) => list<Token>("token", "/api/v1/tokens", params);
export const rolesQuery = queryOptions({ queryKey: ["role"], queryFn: ({ signal }) => get<Page<Role>>("/api/v1/roles", {}, signal), staleTime: 300_000 });
export const createUser = (body: { name: string; displayName?: string; email?: string; password: string; grants: { role: string; team?: string }[] }) => post<User>("/api/v1/users", body);
export const changeUser = (id: string, body: Record<string, unknown>) => patch<User>(`/api/v1/users/${id}`, body);
export const createTeam = (body: { name: string; description?: string }) => post<Team>("/api/v1/teams", body);
export const createToken = (body: { name: string; scopes?: string[]; expiresAt?: string }) => post<Token & { token: string }>("/api/v1/tokens", body);
export const revokeToken = (id: string) => remove<void>(`/api/v1/tokens/${id}`);
