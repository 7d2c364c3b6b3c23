import { queryOptions } from "@tanstack/react-query";
import { get, post, remove, send } from "./client";
import type { DocumentVersion, EventRulePreview, EventRuleReplay, EventRules, EventRulesSpec, EventRuleSteps, Outcome } from "./types";

const path = "/api/v1/event-rules";

export const eventRulesQuery = queryOptions({ queryKey: ["event-rules", "list"], queryFn: ({ signal }) => get<EventRules>(path, {}, signal), refetchInterval: 10_000 });

/** The last recorded events that match a condition. */
export const matchesQuery = (when: string) =>
  queryOptions({ queryKey: ["event-rules", "matches", when], queryFn: () => post<EventRulePreview>(`${path}/preview`, { when, limit: 20 }), retry: false, staleTime: 10_000, placeholderData: (before?: EventRulePreview) => before });

/** One recorded event followed through the rules, with a document as it is written. */
export const stepsQuery = (eventId: string, name: string, spec: EventRulesSpec) =>
  queryOptions({ queryKey: ["event-rules", "steps", eventId, name, spec], queryFn: () => post<EventRuleSteps>(`${path}/step`, { eventId, documents: [{ name, spec }] }), retry: false, placeholderData: (before?: EventRuleSteps) => before });

export const startReplay = (name: string, spec: EventRulesSpec, hours: number) =>
  post<EventRuleReplay>(`${path}/replay`, { documents: [{ name, spec }], from: new Date(Date.now() - hours * 3_600_000).toISOString() });
export const replayQuery = (id: string) =>
  queryOptions({ queryKey: ["event-rules", "replay", id], queryFn: ({ signal }) => get<EventRuleReplay>(`${path}/replays/${id}`, {}, signal), refetchInterval: (q) => (q.state.data?.state === "running" || !q.state.data ? 1000 : false), enabled: Boolean(id) });
export const stopReplay = (id: string) => remove<void>(`${path}/replays/${id}`);

/** Declares event rules, or tells what would be wrong with them. */
export async function declareRules(name: string, spec: EventRulesSpec, dryRun: boolean, why?: string, signal?: AbortSignal): Promise<Outcome> {
  const response = await send("POST", "/api/v1/documents/apply", { query: { dryRun: dryRun || undefined, why: why || undefined }, body: new Blob([JSON.stringify({ kind: "EventRules", name, spec })], { type: "application/yaml" }), headers: { "Content-Type": "application/yaml" }, signal });
  const { documents } = (await response.json()) as { documents: Outcome[] };
  return documents[0]!;
}

export const versionsQuery = (kind: string, name: string) =>
  queryOptions({ queryKey: ["document", "versions", kind, name], queryFn: async ({ signal }) => (await get<{ versions: DocumentVersion[] }>("/api/v1/document-versions", { kind, name }, signal)).versions });
export const restoreVersion = (kind: string, name: string, version: number, why: string) => post<Outcome>("/api/v1/document-versions/restore", { kind, name, version, why: why || undefined });
