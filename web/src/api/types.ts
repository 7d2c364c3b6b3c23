// The payloads the console reads, by the names pages use.

export type Severity = "clear" | "info" | "warning" | "minor" | "major" | "critical";

export interface Page<T> {
  items: T[];
  next?: string;
  total?: number;
}

export interface Ref {
  kind: string;
  id: string;
}

export interface Me {
  id: string;
  name: string;
  displayName?: string;
  kind: string;
  permissions: string[];
  teams?: string[];
  roles?: string[];
  totp?: boolean;
}

export interface LedgerEntry {
  id: string;
  seq: number;
  at: string;
  actor: { kind: string; id: string; name: string };
  module: string;
  type: string;
  subject: Ref;
  item?: string;
  related?: string[];
  team?: string;
  summary: string;
  data?: Record<string, unknown>;
  cause?: string;
}

export interface Item {
  id: string;
  class: string;
  name: string;
  state?: string;
  severity?: Severity;
  site?: string;
  team?: string;
  attributes: Record<string, unknown>;
  identities?: { kind: string; value: string }[];
  createdAt: string;
  changedAt: string;
  seenAt?: string;
  sources?: string[];
  explained?: Record<string, Explained>;
}

export interface Explained {
  value: unknown;
  source: string;
  reason: string;
  values: { source: string; value: unknown; at: string; stale?: boolean }[];
}

export interface Relation {
  id: string;
  type: string;
  from: string;
  to: string;
  fromName?: string;
  toName?: string;
  fromClass?: string;
  toClass?: string;
  source?: string;
  since?: string;
}

export interface Affected {
  item: string;
  name: string;
  class: string;
  distance: number;
  path?: string[];
  degraded?: boolean;
}

export interface ItemVersion {
  at: string;
  actor: string;
  attribute: string;
  from?: unknown;
  to?: unknown;
  source?: string;
}

export interface ClassInfo {
  name: string;
  title?: string;
  parent?: string;
  description?: string;
  count?: number;
}

export interface MapNode {
  id: string;
  name: string;
  class: string;
  severity?: Severity;
  site?: string;
  service?: string;
}

export interface MapEdge {
  from: string;
  to: string;
  type: string;
}

export interface MapView {
  nodes: MapNode[];
  edges: MapEdge[];
  truncated?: boolean;
}

export interface Alert {
  id: string;
  key: string;
  severity: Severity;
  state: string;
  title: string;
  description?: string;
  source: string;
  item?: string;
  itemName?: string;
  check?: string;
  situation?: string;
  labels?: Record<string, string>;
  count: number;
  openedAt: string;
  lastAt: string;
  clearedAt?: string;
  acknowledgedBy?: string;
  acknowledgedAt?: string;
  assignee?: string;
  suppressed?: boolean;
  flapping?: boolean;
}

export interface Situation {
  id: string;
  title: string;
  severity: Severity;
  state: string;
  openedAt: string;
  closedAt?: string;
  alertCount?: number;
  itemCount?: number;
  incident?: string;
  rootCause?: RootCause;
}

export interface RootCause {
  item?: string;
  itemName?: string;
  alert?: string;
  confidence: number;
  reasons: string[];
}

export interface SituationDetail extends Situation {
  alerts: Alert[];
  items: { id: string; name: string; class: string }[];
  services?: { id: string; name: string }[];
  changes?: LedgerEntry[];
  causes?: (RootCause & { at: string })[];
  runs?: Run[];
}

export interface Incident {
  id: string;
  number: number;
  title: string;
  description?: string;
  state: string;
  priority: number;
  impact?: string;
  urgency?: string;
  team?: string;
  assignee?: string;
  item?: string;
  itemName?: string;
  situation?: string;
  services?: { id: string; name: string }[];
  clocks?: Clock[];
  openedAt: string;
  resolvedAt?: string;
  closedAt?: string;
  transitions?: string[];
}

export interface Clock {
  kind: string;
  dueAt?: string;
  metAt?: string;
  breached?: boolean;
  paused?: boolean;
  remaining?: string;
}

export interface Comment {
  id: string;
  at: string;
  author: string;
  body: string;
  internal: boolean;
}

export interface Attachment {
  id: string;
  name: string;
  size: number;
  type: string;
  at: string;
  author: string;
}

export interface Runbook {
  name: string;
  title?: string;
  description?: string;
  parameters?: { name: string; type?: string; required?: boolean; default?: unknown; description?: string; options?: string[] }[];
  steps: { name: string; kind: string; needs?: string[] }[];
}

export interface Run {
  id: string;
  runbook: string;
  status: string;
  startedAt?: string;
  finishedAt?: string;
  createdAt: string;
  actor?: string;
  reason?: string;
  item?: string;
  situation?: string;
  incident?: string;
  steps?: Step[];
  parameters?: Record<string, unknown>;
}

export interface Step {
  name: string;
  kind: string;
  status: string;
  needs?: string[];
  attempt?: number;
  startedAt?: string;
  finishedAt?: string;
  exitCode?: number;
  message?: string;
  agent?: string;
}

export interface Check {
  id: string;
  name: string;
  kind: string;
  state: string;
  stateType?: string;
  attempt?: number;
  maxAttempts?: number;
  item?: string;
  itemName?: string;
  interval?: string;
  timeout?: string;
  severity?: Severity;
  message?: string;
  latency?: number;
  lastAt?: string;
  nextAt?: string;
  changedAt?: string;
  agent?: string;
  paused?: boolean;
  spec?: Record<string, unknown>;
}

export interface CheckResult {
  at: string;
  state: string;
  message?: string;
  latency?: number;
}

export interface Agent {
  id: string;
  name: string;
  version?: string;
  os?: string;
  arch?: string;
  connected: boolean;
  lastSeen?: string;
  lag?: string;
  buffered?: number;
  capabilities?: string[];
  upgrade?: string;
  item?: string;
}

export interface User {
  id: string;
  name: string;
  displayName?: string;
  email?: string;
  grants?: { role: string; team?: string }[];
  disabled?: boolean;
  totp?: boolean;
  lastSignIn?: string;
}

export interface Team {
  id: string;
  name: string;
  description?: string;
  members?: string[];
}

export interface Role {
  name: string;
  description?: string;
  permissions: string[];
}

export interface Token {
  id: string;
  name: string;
  kind?: string;
  user?: string;
  scopes?: string[];
  createdAt: string;
  expiresAt?: string;
  lastUsedAt?: string;
}

export interface Maintenance {
  id: string;
  name: string;
  reason?: string;
  from: string;
  to: string;
  state?: string;
  items?: string[];
  createdBy?: string;
}

export interface LogRecord {
  at: string;
  message: string;
  severity?: string;
  fields: Record<string, string>;
}

export interface SearchHit {
  kind: string;
  id: string;
  title: string;
  subtitle?: string;
  severity?: Severity;
}
