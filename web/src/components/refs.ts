// The one place that knows the address of every kind of record.

import type { Search } from "@/state/search";

export interface Target {
  to: string;
  search?: Search;
}

const targets: Record<string, (id: string) => Target> = {
  item: (id) => ({ to: `/items/${id}` }),
  alert: (id) => ({ to: "/alerts", search: { show: id } }),
  situation: (id) => ({ to: `/situations/${id}` }),
  change: (id) => ({ to: `/changes/${id}` }),
  incident: (id) => ({ to: `/incidents/${id}` }),
  run: (id) => ({ to: `/runs/${id}` }),
  runbook: (id) => ({ to: `/runbooks/${encodeURIComponent(id)}` }),
  job: (id) => ({ to: `/runbooks/${encodeURIComponent(id)}` }),
  check: (id) => ({ to: `/checks/${id}` }),
  agent: (id) => ({ to: "/agents", search: { show: id } }),
  user: (id) => ({ to: "/people", search: { show: id } }),
  team: (id) => ({ to: "/people", search: { tab: "teams", show: id } }),
  role: () => ({ to: "/people", search: { tab: "roles" } }),
  actor: (id) => ({ to: "/audit", search: { where: [`actor=${id}`] } }),
  secret: (id) => ({ to: "/secrets", search: { show: id } }),
  task: (id) => ({ to: "/tasks", search: { show: id } }),
  "metric-rule": (id) => ({ to: `/metric-rules/${id}` }),
  baseline: (id) => ({ to: `/baselines/${encodeURIComponent(id)}` }),
  dashboard: (id) => ({ to: `/dashboards/${id}` }),
  scrape: () => ({ to: "/scrape-targets" }),
  token: () => ({ to: "/tokens" }),
  decision: () => ({ to: "/remediations" }),
  remediation: () => ({ to: "/remediations" }),
  silence: () => ({ to: "/silences" }),
  duplicate: () => ({ to: "/duplicates" }),
  "status-page": (id) => ({ to: `/status-pages/${encodeURIComponent(id)}` }),
  "availability-target": () => ({ to: "/availability" }),
  maintenance: (id) => ({ to: "/maintenance", search: { show: id } }),
};

/** Where a record is shown; undefined when it has no page. */
export function targetOf(kind: string, id: string | undefined): Target | undefined {
  return id ? targets[kind]?.(id) : undefined;
}
