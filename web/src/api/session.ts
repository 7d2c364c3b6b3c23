import { queryOptions } from "@tanstack/react-query";
import { get, post, remove, request } from "./client";
import type { Me } from "./types";

export const meQuery = queryOptions({
  queryKey: ["me"],
  queryFn: ({ signal }) => get<Me>("/api/v1/me", undefined, signal),
  staleTime: 60_000,
  retry: false,
});

export const signIn = (name: string, password: string, totp?: string) =>
  request<Me>("POST", "/api/v1/session", { body: { name, password, ...(totp ? { totp } : {}) } });

export const signOut = () => remove<void>("/api/v1/session");

export const setUp = (token: string, name: string, password: string) => post<Me>("/api/v1/setup", { token, name, password });

/** Mirrors the server's check: a pattern may hold "*" on either side. */
export function allows(permissions: string[] | undefined, wanted: string): boolean {
  const [resource, verb] = wanted.split(":");
  return (permissions ?? []).some((p) => {
    const [r, v] = p.split(":");
    return (r === "*" || r === resource) && (v === "*" || v === verb);
  });
}

/** Other ways to sign in. */
export const providersQuery = queryOptions({
  queryKey: ["providers"],
  queryFn: ({ signal }) => get<{ items: { id: string; name: string; url: string }[] }>("/api/v1/session/providers", undefined, signal),
  retry: false,
  staleTime: Infinity,
});
