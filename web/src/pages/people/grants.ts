// What roles come to: who may do what, everywhere and for the records of a team.

import type { Grant, Role, User } from "@/api/types";

const verbs = ["read", "write", "act", "approve", "admin"] as const;
export type Verb = (typeof verbs)[number];
export const allVerbs: readonly Verb[] = verbs;

export interface Right {
  resource: string;
  verbs: Set<Verb>;
}

/** Patterns such as "items:read" or "*:read" as rows of verbs, "*" first. */
export function rights(patterns: readonly string[]): Right[] {
  const rows = new Map<string, Set<Verb>>();
  for (const p of patterns) {
    const [resource = "", verb = ""] = p.split(":");
    const row = rows.get(resource) ?? new Set<Verb>();
    rows.set(resource, row);
    for (const v of verb === "*" ? verbs : [verb as Verb]) row.add(v);
  }
  const all = rows.get("*");
  return [...rows].filter(([r, v]) => r === "*" || !all || [...v].some((x) => !all.has(x)))
    .map(([resource, v]) => ({ resource, verbs: v })).sort((a, b) => (a.resource === "*" ? -1 : b.resource === "*" ? 1 : a.resource.localeCompare(b.resource)));
}

/** What a user may do: everywhere (team ""), and for each team besides. */
export function access(grants: readonly Pick<Grant, "role" | "team">[], roles: readonly Pick<Role, "name" | "permissions">[]): Map<string, Right[]> {
  const patterns = new Map<string, Set<string>>();
  for (const g of grants) {
    const set = patterns.get(g.team ?? "") ?? new Set<string>();
    patterns.set(g.team ?? "", set);
    for (const p of roles.find((r) => r.name === g.role)?.permissions ?? []) set.add(p);
  }
  return new Map([...patterns].sort(([a], [b]) => a.localeCompare(b)).map(([team, p]) => [team, rights([...p])]));
}

/** Whether the patterns allow reading a kind of record. */
export function reads(right: readonly Right[], resource: string): boolean {
  return right.some((r) => (r.resource === "*" || r.resource === resource) && r.verbs.has("read"));
}

/** The user's roles in a team, as given here or by the provider of identities. */
export const rolesIn = (u: Pick<User, "grants">, team: string) => (u.grants ?? []).filter((g) => (g.team ?? "") === team);

/** The grants given here, with other roles in one team. What the provider of identities gave is not ours to send. */
export function withRoles(grants: readonly Grant[], team: string, roles: readonly string[]): Pick<Grant, "role" | "team">[] {
  const rest = grants.filter((g) => !fromProvider(g) && (g.team ?? "") !== team).map((g) => ({ role: g.role, team: g.team }));
  return [...rest, ...roles.map((role) => ({ role, team: team || undefined }))];
}

export const fromProvider = (g: Pick<Grant, "source">) => g.source === "oidc";
