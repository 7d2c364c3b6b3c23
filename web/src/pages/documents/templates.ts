// How a new document of each kind begins.

const later = () => new Date(Math.ceil((Date.now() + 3_600_000) / 3_600_000) * 3_600_000).toISOString().replace(".000Z", "Z");

const templates: Record<string, () => string> = {
  Check: () => `kind: Check
name: new-check
spec:
  description: What it looks at
  identities:
    - kind: hostname
      value: the-host
  tcp:
    address: 192.0.2.1:443
  interval: 30s
  retries: 2
`,
  MetricRule: () => `kind: MetricRule
name: new-rule
spec:
  description: What is wrong when it fires
  expr: system_filesystem_utilization > 0.9
  for: 5m
  severity: major
  title: "{{ $labels.mountpoint }} is {{ $value | humanizePercentage }} full"
`,
  Scrape: () => `kind: Scrape
name: new-scrape
spec:
  description: What is scraped
  scrape_interval: 30s
  static_configs:
    - targets:
        - 192.0.2.1:9100
`,
  MaintenanceWindow: () => `kind: MaintenanceWindow
name: new-window
spec:
  reason: Why
  start: ${later()}
  duration: 2h
  selector: class=host
`,
  Runbook: () => `kind: Runbook
name: new-runbook
spec:
  title: What it does
  steps:
    - id: first
      name: Wait a little
      wait:
        duration: 5s
`,
  Remediation: () => `kind: Remediation
name: new-remediation
spec:
  title: What it repairs
  on: situation
  condition: situation.severity == "critical" && item.class == "web_server"
  runbook: new-runbook
  mode: approval
`,
  Item: () => `kind: Item
name: new-item
spec:
  class: application
`,
};

export const template = (kind: string) => (templates[kind] ?? (() => `kind: ${kind}\nname: new\nspec:\n  `))();
