import { queryOptions } from "@tanstack/react-query";
import { get, post, put, remove, request } from "./client";
import type { Entrance, Me, Session } from "./types";

export const meQuery = queryOptions({
  queryKey: ["me"],
  queryFn: ({ signal }) => get<Me>("/api/v1/me", undefined, signal),
  staleTime: 60_000,
  retry: false,
});

/** What the sign-in page needs to know before anyone is signed in. */
export const entranceQuery = queryOptions({
  queryKey: ["entrance"],
  queryFn: ({ signal }) => get<Entrance>("/api/v1/session", undefined, signal),
  retry: false,
});

export const signIn = (username: string, password: string, code?: string) =>
  request<unknown>("POST", "/api/v1/session", { body: { username, password, ...(code ? { code } : {}) } });
export const signOut = () => remove<void>("/api/v1/session");
export const setUp = (token: string, username: string, password: string) => post<unknown>("/api/v1/setup", { token, username, password });

export const sessionsQuery = queryOptions({ queryKey: ["session"], queryFn: ({ signal }) => get<Session[]>("/api/v1/me/sessions", undefined, signal) });
export const endSession = (id: string) => remove<void>(`/api/v1/me/sessions/${id}`);
export const changePassword = (current: string, next: string) => put<void>("/api/v1/me/password", { current, new: next });
export const beginTotp = () => post<{ secret: string; uri: string }>("/api/v1/me/totp");
export const confirmTotp = (code: string) => post<{ recoveryCodes: string[] }>("/api/v1/me/totp/confirm", { code });
export const removeTotp = (code: string) => post<void>("/api/v1/me/totp/remove", { code });

/** Mirrors the server's check: a pattern may hold "*" on either side. */
export function allows(permissions: readonly string[] | null | undefined, wanted: string): boolean {
  const [resource, verb] = wanted.split(":");
  return (permissions ?? []).some((p) => {
    const [r, v] = p.split(":");
    return (r === "*" || r === resource) && (v === "*" || v === verb);
  });
}

/** Whether someone has a permission for at least some records. */
export const may = (me: Pick<Me, "permissions" | "teamPermissions"> | undefined, wanted: string): boolean =>
  allows(me?.permissions, wanted) || Object.values(me?.teamPermissions ?? {}).some((p) => allows(p as string[] | null, wanted));
