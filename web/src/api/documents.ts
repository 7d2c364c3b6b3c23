import { queryOptions } from "@tanstack/react-query";
import { get, remove, send } from "./client";
import type { DocumentKind, Outcome } from "./types";

export const documentPath = (kind: string, name: string) => `/api/v1/documents/${encodeURIComponent(kind)}/${encodeURIComponent(name)}`;

export interface DocumentRow {
  kind: string;
  name: string;
  spec: Record<string, unknown>;
}

export const kindsQuery = queryOptions({
  queryKey: ["document", "kinds"],
  queryFn: async ({ signal }) => (await get<{ kinds: DocumentKind[] }>("/api/v1/document-kinds", {}, signal)).kinds,
  staleTime: 300_000,
});

export const documentsQuery = (kind: string) =>
  queryOptions({ queryKey: ["document", "list", kind], queryFn: async ({ signal }) => (await get<{ documents: DocumentRow[] }>("/api/v1/documents", { kind }, signal)).documents, enabled: Boolean(kind) });

const exportPath = "/api/v1/documents/export";
export const exportAddress = (kind?: string) => (kind ? `${exportPath}?kind=${encodeURIComponent(kind)}` : exportPath);

/** The text of one document, as apply takes it. */
export const yamlOf = async (kind: string, name: string, signal?: AbortSignal) =>
  (await send("GET", exportPath, { query: { kind, name }, signal, headers: { Accept: "application/yaml" } })).text();
export const yamlQuery = (kind: string, name: string) =>
  queryOptions({ queryKey: ["document", "yaml", kind, name], queryFn: ({ signal }) => yamlOf(kind, name, signal), staleTime: 0 });

/** Applies documents, or tells what that would change. */
export async function apply(text: string, dryRun: boolean, signal?: AbortSignal): Promise<{ documents: Outcome[]; failed: number }> {
  const response = await send("POST", "/api/v1/documents/apply", { query: { dryRun: dryRun || undefined }, body: new Blob([text], { type: "application/yaml" }), headers: { "Content-Type": "application/yaml" }, signal });
  return response.json() as Promise<{ documents: Outcome[]; failed: number }>;
}

export const deleteDocument = (kind: string, name: string) => remove<void>(documentPath(kind, name));
