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
  EventRules: () => `kind: EventRules
name: new-rules
spec:
  order: 100
  enabled: false
  rules:
    - name: lab is not urgent
      when: event.labels.?env.orValue("") == "lab"
      set:
        severity: info
    - name: short ones are no alert
      when: event.severity == "minor"
      hold: 1m
`,
  LookupTable: () => `kind: LookupTable
name: new-table
spec:
  csv: |
    host,rack,owner
    db1,7,ann
`,
  ReportMail: () => `kind: ReportMail
name: weekly
spec:
  report: events
  every: week
  at: "07:00"
  zone: Europe/Berlin
  to:
    - ops@example.com
`,
  LogSource: () => `kind: LogSource
name: new-logs
spec:
  selector: class = host
  files:
    paths:
      - /var/log/shop/*.log
  app: shop
`,
  EventSource: () => `kind: EventSource
name: new-source
spec:
  format: json
  mapping:
    title: body.title
    severity: body.severity
    host: body.host
`,
  LogProcessing: () => `kind: LogProcessing
name: new-rule
spec:
  when:
    app: [nginx]
  steps:
    - parse: {format: grok, pattern: '%{IPORHOST:client} %{GREEDYDATA:rest}'}
`,
  Dataset: () => `kind: Dataset
name: new-dataset
spec:
  description: What it holds
  retention: 7d
  access: {roles: [auditor]}
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
  Baseline: () => `kind: Baseline
name: new-baseline
spec:
  description: What it watches
  expr: system_cpu_load_average_5m
`,
  CapacityPool: () => `kind: CapacityPool
name: new-pool
spec:
  description: What fills
  used: licences_used
  capacity: licences_total
  unit: count
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
  TrapRule: () => `kind: TrapRule
name: new-trap-rule
spec:
  trap: 1.3.6.1.4.1.9.9.41.2.0.1
  severity: major
  key: "syslog {1.3.6.1.4.1.9.9.41.1.2.3.1.2}"
  title: "{from}: {1.3.6.1.4.1.9.9.41.1.2.3.1.5}"
`,
  MaintenanceWindow: () => `kind: MaintenanceWindow
name: new-window
spec:
  reason: Why
  start: ${later()}
  duration: 2h
  selector: class=host
`,
  ServiceHealth: () => `kind: ServiceHealth
name: new-rule
spec:
  selector: class=business_service and name="Web shop"
  groups:
    - name: web servers
      classes: [host]
      require: 2
`,
  PriorityMatrix: () => `kind: PriorityMatrix
name: default
spec:
  impact:
    high: {criticality: high, services: 3, sites: 3, users: 1000}
    medium: {services: 1, sites: 2, users: 1, targets: 1}
  urgency: {high: critical, medium: minor}
  priorities:
    high: {high: P1, medium: P2, low: P3}
    medium: {high: P2, medium: P3, low: P4}
    low: {high: P3, medium: P4, low: P5}
`,
  AvailabilityTarget: () => `kind: AvailabilityTarget
name: new-target
spec:
  description: What was agreed
  selector: class=business_service
  target: 99.9
`,
  StatusPage: () => `kind: StatusPage
name: new-page
spec:
  title: Status
  slug: status
  visibility: internal
  groups:
    - name: Services
      components:
        - name: The name people know
          selector: class=business_service
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
