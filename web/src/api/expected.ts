// Payloads of routes that the server's document does not hold yet.

import type { Severity } from "./types";

export interface ItemRef {
  id: string;
  name: string;
  class: string;
  state: string;
}

export interface Item extends ItemRef {
  team?: string;
  site?: string;
  criticality?: string;
  attributes: Record<string, unknown> | null;
  mergedInto?: string;
  revision: number;
  changedBy?: string;
  createdAt: string;
  updatedAt: string;
  missingAt?: string;
}

/** What one source says of one attribute, and why it is shown or not. */
export interface Word {
  source: string;
  scope?: string;
  value: unknown;
  observedAt: string;
  shown: boolean;
  stale?: boolean;
  reason: string;
}

export interface Reporter {
  source: string;
  scope?: string;
  observedAt: string;
  seenAt: string;
  stale?: boolean;
}

export interface ItemDetails extends Item {
  identities: { kind: string; value: string }[] | null;
  sources: Record<string, string> | null;
  explanations: Record<string, Word[] | null> | null;
  reporters: Reporter[] | null;
}

export interface Relation {
  type: string;
  label: string;
  direction: "out" | "in";
  item: ItemRef;
  group?: string;
  sources: string[] | null;
  since: string;
}

export interface Affected extends ItemRef {
  criticality?: string;
  distance: number;
  via: string;
  degraded?: boolean;
}

export interface Impact {
  services: Affected[] | null;
  items: Affected[] | null;
  total: number;
}

export interface Moment {
  at: string;
  kind: "created" | "changed" | "related" | "unrelated";
  by?: string;
  changes?: { field: string; before?: unknown; after?: unknown }[] | null;
  relation?: { type: string; direction: "out" | "in"; item: ItemRef };
}

export interface ClassInfo {
  name: string;
  label: string;
  plural: string;
  abstract?: boolean;
}

export interface MapNode extends ItemRef {
  label: string;
  group?: string;
  team?: string;
  distance: number;
  hidden?: number;
  /** From the alerts; not part of the map itself. */
  severity?: Severity;
}

export interface MapEdge {
  from: string;
  to: string;
  type: string;
}

export interface MapView {
  nodes: MapNode[] | null;
  edges: MapEdge[] | null;
  leftOut: number;
  groups: { name: string; label: string; count: number }[] | null;
}
