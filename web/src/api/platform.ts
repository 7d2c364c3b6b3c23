import { queryOptions } from "@tanstack/react-query";
import { parseCondition } from "@/state/where";
import { get, patch, post, put, remove, type Query } from "./client";
import type { Reader } from "./lists";
import type { Agent, Enrolment, EnrolmentDraft, Grant, LedgerEntry, LedgerState, LogSource, NewToken, Page, Role, SearchAnswer, Secret, Session, Task, TaskDepth, Team, TokenDraft, User, UserChange, UserDraft } from "./types";

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
/** What the ledger tells of items, or of all, in a time; the newest 500. */
export const happenedQuery = (what: { item?: string[]; type: string[]; since: number; until: number }) =>
  queryOptions({
    queryKey: ["ledger", "happened", what],
    queryFn: async ({ signal }) => (await get<Page<LedgerEntry>>(ledgerPath, { ...what, since: new Date(what.since).toISOString(), until: new Date(what.until).toISOString(), limit: 500 }, signal)).items,
    placeholderData: (before) => before, staleTime: 15_000, gcTime: 60_000, retry: false,
  });
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
/** The log sources that an agent is to follow, and how that goes. */
export const logSourcesOf = (agent: string) =>
  queryOptions({ queryKey: ["agent", agent, "log-sources"], queryFn: async ({ signal }) => (await get<{ items: LogSource[] }>("/api/v1/logs/sources", { agent }, signal)).items, refetchInterval: 10_000 });
export const enrol = (draft: EnrolmentDraft) => post<Enrolment>("/api/v1/enrolments", draft);
export const forgetAgent = (id: string) => remove<void>(`/api/v1/agents/${id}`);
export const refreshAgent = (id: string) => post<void>(`/api/v1/agents/${id}/refresh`);

export const usersPath = "/api/v1/users";
export const teamsPath = "/api/v1/teams";
export const tokensPath = "/api/v1/tokens";
export const rolesQuery = queryOptions({ queryKey: ["role"], queryFn: ({ signal }) => get<Page<Role>>("/api/v1/roles", {}, signal), staleTime: 300_000 });
export const teamsQuery = queryOptions({ queryKey: ["team", "all"], queryFn: ({ signal }) => get<Page<Team>>(teamsPath, { limit: 500 }, signal), staleTime: 60_000 });
export const usersQuery = queryOptions({ queryKey: ["user", "all"], queryFn: ({ signal }) => get<Page<User>>(usersPath, { limit: 500 }, signal), staleTime: 60_000, retry: false });
export const userQuery = (id: string) => queryOptions({ queryKey: ["user", "one", id], queryFn: ({ signal }) => get<User>(`${usersPath}/${id}`, {}, signal) });
export const userSessionsQuery = (id: string) => queryOptions({ queryKey: ["session", "of", id], queryFn: ({ signal }) => get<Session[] | null>(`${usersPath}/${id}/sessions`, {}, signal), retry: false });
export const endUserSession = (id: string, session?: string) => remove<void>(`${usersPath}/${id}/sessions${session ? `/${session}` : ""}`);
export const deleteUser = (id: string) => remove<void>(`${usersPath}/${id}`);
export const teamQuery = (id: string) => queryOptions({ queryKey: ["team", "one", id], queryFn: ({ signal }) => get<Team>(`${teamsPath}/${id}`, {}, signal) });
export const membersQuery = (id: string) => queryOptions({ queryKey: ["user", "of-team", id], queryFn: ({ signal }) => get<Page<User>>(`${teamsPath}/${id}/members`, { limit: 500 }, signal) });
export const deleteTeam = (id: string) => remove<void>(`${teamsPath}/${id}`);
export const putRole = (name: string, body: { description?: string; permissions: string[] }) => put<Role>(`/api/v1/roles/${encodeURIComponent(name)}`, body);
export const deleteRole = (name: string) => remove<void>(`/api/v1/roles/${encodeURIComponent(name)}`);
/** Replaces the grants given here, as they were read: a change in between is refused. */
export const setGrants = (u: Pick<User, "id" | "revision">, grants: Pick<Grant, "role" | "team">[]) =>
  patch<User>(`${usersPath}/${u.id}`, { grants: grants.map((g) => ({ role: g.role, ...(g.team ? { team: g.team } : {}) })) }, { "If-Match": `"${u.revision}"` });
export const createUser = (draft: UserDraft) => post<User>(usersPath, draft);
export const changeUser = (id: string, change: UserChange) => patch<User>(`${usersPath}/${id}`, change);
export const createTeam = (body: { name: string; description?: string }) => post<Team>(teamsPath, body);
export const changeTeam = (id: string, body: { name: string; description?: string }) => put<Team>(`${teamsPath}/${id}`, body);
export const createToken = (draft: TokenDraft) => post<NewToken>(tokensPath, draft);
export const revokeToken = (id: string) => remove<void>(`${tokensPath}/${id}`);

export const secretsPath = "/api/v1/secrets";
export const secretPath = (name: string) => `${secretsPath}/${encodeURIComponent(name)}`;
export const secretQuery = (name: string) => queryOptions({ queryKey: ["secret", "one", name], queryFn: ({ signal }) => get<Secret>(secretPath(name), {}, signal) });
export const putSecret = (name: string, body: { value: string; description?: string; team?: string }) => put<Secret>(secretPath(name), body);
export const deleteSecret = (name: string) => remove<void>(secretPath(name));
export const rotateKey = () => post<{ resealed: number }>("/api/v1/secrets-key/rotate");

export const tasksPath = "/api/v1/tasks";
export const taskQuery = (id: string) => queryOptions({ queryKey: ["task", id], queryFn: ({ signal }) => get<Task>(`${tasksPath}/${id}`, {}, signal), retry: false });
export const depthsQuery = queryOptions({ queryKey: ["task", "depths"], queryFn: ({ signal }) => get<TaskDepth[] | null>(`${tasksPath}/depths`, {}, signal), refetchInterval: 10_000 });
export const retryTask = (id: string) => post<Task>(`${tasksPath}/${id}/retry`);
export const discardTask = (id: string) => post<void>(`${tasksPath}/${id}/discard`);

export const enrolmentsPath = "/api/v1/enrolments";
export const revokeEnrolment = (id: string) => post<void>(`${enrolmentsPath}/${id}/revoke`);
export const changeAgent = (id: string, change: { name?: string; team?: string }) => patch<Agent>(`${agentsPath}/${id}`, change);
