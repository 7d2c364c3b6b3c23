import { queryOptions } from "@tanstack/react-query";
import { get, post } from "./client";
import { apply } from "./documents";
import type { EventSource, EventSourceSpec, SourcePayload, SourceTrialResult } from "./types";

export const sourcesQuery = queryOptions({
  queryKey: ["event-source", "list"],
  queryFn: async ({ signal }) => (await get<{ items: EventSource[] }>("/api/v1/event-sources", {}, signal)).items,
});

export const payloadsQuery = (name: string) =>
  queryOptions({
    queryKey: ["event-source", name, "payloads"],
    queryFn: async ({ signal }) => (await get<{ items: SourcePayload[] }>(`/api/v1/event-sources/${encodeURIComponent(name)}/payloads`, {}, signal)).items,
    refetchInterval: 10_000,
  });

/** What a source would make of a delivery that was kept, or of a body; nothing is taken in. */
export const trialQuery = (spec: EventSourceSpec, payload: string | undefined, body: string) =>
  queryOptions({
    queryKey: ["event-source", "trial", spec, payload, payload ? "" : body],
    queryFn: () => post<SourceTrialResult>("/api/v1/event-sources/try", { spec, payload, body: payload ? undefined : body }),
    enabled: Boolean(payload) || body.trim() !== "",
    placeholderData: (before?: SourceTrialResult) => before,
    retry: false,
  });

/** Declares a source; a document may be JSON as well. */
export async function saveSource(name: string, spec: EventSourceSpec): Promise<void> {
  const { documents } = await apply(JSON.stringify({ kind: "EventSource", name, spec }), false);
  const wrong = documents.flatMap((d) => d.errors ?? []);
  if (wrong.length) throw new Error(wrong.map((e) => `${e.field} ${e.rule}`).join("; "));
}
