// Made-up data in three sizes, the same at each start.
let seed = 7;
const random = () => ((seed = (seed * 1103515245 + 12345) & 0x7fffffff), seed / 0x7fffffff);
const pick = (list) => list[Math.floor(random() * list.length)];
const id = (kind, n) => `01J${kind.toUpperCase().padEnd(6, "X").slice(0, 6)}${String(n).padStart(17, "0")}`;
const now = Date.now();
const at = (minutes) => new Date(now - minutes * 60_000).toISOString();
const severities = ["critical", "major", "minor", "warning", "info"];

export function build(size) {
  const n = { none: 0, little: 12, much: 2000 }[size];
  const few = { none: 0, little: 3, much: 800 }[size];
  const classes = ["host", "service", "database", "application", "business_service", "network_device", "container", "filesystem"];
  const sites = ["Zurich", "Geneva", "Lausanne", "Basel"];
  const items = Array.from({ length: n }, (_, i) => {
    const c = classes[i % classes.length];
    return {
      id: id("item", i), class: c, name: i === 0 ? "web-01.example.net" : i === 2 ? "orders-db" : i === 4 ? "Online shop" : `${c.replace("_", "-")}-${String(i).padStart(3, "0")}`,
      severity: random() < 0.08 ? pick(severities) : "clear", state: "live", site: sites[i % 4], service: `Service ${1 + (i % 9)}`,
      attributes: { os: "Debian 13", cpus: 4, memory: 16 * 2 ** 30, address: `10.0.${i >> 8}.${i & 255}`, kernel: "6.12.9", tags: ["prod", "tier1"], virtual: i % 2 === 0, hardware: { vendor: "Example", serial: `SN${1000 + i}` } },
      identities: [{ kind: "fqdn", value: `h${i}.example.net` }, { kind: "ip", value: `10.0.${i >> 8}.${i & 255}` }],
      sources: ["agent", "import"], createdAt: at(40000 + i), changedAt: at(i + 1), seenAt: at(random() * 3),
    };
  });
  const edges = items.slice(1).flatMap((it, k) => {
    const i = k + 1;
    const out = [{ from: items[i].id, to: items[Math.floor(random() * i)].id, type: "depends_on" }];
    if (i % 3 === 0) out.push({ from: items[Math.floor(random() * i)].id, to: items[i].id, type: "runs_on" });
    return out;
  });
  const alerts = Array.from({ length: few }, (_, i) => ({
    id: id("alert", i), key: `check:${id("check", i)}`, severity: severities[i % 5], state: ["open", "acknowledged", "open", "cleared"][i % 4],
    title: ["PostgreSQL does not accept connections on 127.0.0.1:5432", "HTTP 502 from https://shop.example.net/health", "Disk /var is 94% full", "Certificate of mail.example.net expires in 6 days", "Latency of checkout above 800 ms"][i % 5],
    source: ["check", "rule", "alertmanager"][i % 3], item: items[i % n]?.id, itemName: items[i % n]?.name, check: id("check", i), situation: i < 6 ? id("sit", 0) : undefined,
    labels: { severity: "page", team: "web", instance: `10.0.0.${i}` }, count: 1 + Math.floor(random() * 400), openedAt: at(12 + i * 7), lastAt: at(i), description: "connect: connection refused", flapping: i % 17 === 3,
  }));
  const runs = Array.from({ length: few }, (_, i) => ({
    id: id("run", i), runbook: ["start-postgresql", "restart-nginx", "rotate-logs"][i % 3], status: ["succeeded", "running", "waiting", "failed"][i % 4], createdAt: at(9 + i * 31), startedAt: at(9 + i * 31), finishedAt: i % 4 === 1 || i % 4 === 2 ? undefined : at(8 + i * 31),
    actor: i % 2 ? "admin" : "remediation", reason: "Situation: PostgreSQL down", item: items[i % n]?.id, situation: id("sit", 0), incident: id("inc", 0), parameters: { unit: "postgresql" },
    steps: [
      { name: "check-host", kind: "shell", status: "succeeded", startedAt: at(9), finishedAt: at(8.9), exitCode: 0, agent: "web-01", attempt: 1 },
      { name: "approve", kind: "approval", status: i % 4 === 2 ? "waiting" : "succeeded", needs: ["check-host"], startedAt: at(8.9), finishedAt: i % 4 === 2 ? undefined : at(8.8) },
      { name: "start", kind: "shell", status: i % 4 === 1 ? "running" : i % 4 === 3 ? "failed" : i % 4 === 2 ? "pending" : "succeeded", needs: ["approve"], startedAt: at(8.8), exitCode: i % 4 === 3 ? 1 : 0, agent: "web-01", attempt: 1, message: i % 4 === 3 ? "exit status 1" : undefined },
      { name: "verify", kind: "check", status: i % 4 === 0 ? "succeeded" : i % 4 === 3 ? "skipped" : "pending", needs: ["start"] },
      { name: "notify", kind: "http", status: i % 4 === 0 ? "succeeded" : i % 4 === 3 ? "skipped" : "pending", needs: ["start"] },
    ],
  }));
  const incidents = Array.from({ length: few }, (_, i) => ({
    id: id("inc", i), number: 1042 - i, title: alerts[i]?.title ?? "x", state: ["new", "assigned", "in_progress", "waiting", "resolved", "closed"][i % 6], priority: 1 + (i % 5), impact: "high", urgency: "high", team: "Databases", assignee: i % 2 ? "Ada Keller" : undefined,
    item: items[2 % n]?.id, itemName: items[2 % n]?.name, situation: id("sit", i), services: [{ id: items[4 % n]?.id, name: "Online shop" }], openedAt: at(11 + i * 40), transitions: ["in_progress", "waiting", "resolved"],
    clocks: [{ kind: "response", dueAt: at(-4 + i), metAt: i % 2 ? at(2) : undefined }, { kind: "resolution", dueAt: at(-220 + i), breached: i % 5 === 4 }], description: "Orders cannot be placed.\n\n- **psql** refuses connections\n- shop answers `502`",
  }));
  const situations = Array.from({ length: few }, (_, i) => ({
    id: id("sit", i), title: `${["orders-db is down", "web-01 does not serve", "Disk pressure on storage"][i % 3]}`, severity: severities[i % 3], state: i % 3 === 2 ? "closed" : "open", openedAt: at(12 + i * 60), closedAt: i % 3 === 2 ? at(3 + i * 60) : undefined, alertCount: 6, itemCount: 4, incident: id("inc", i),
    rootCause: { item: items[2 % n]?.id, itemName: items[2 % n]?.name, alert: alerts[0]?.id, confidence: 0.87, reasons: ["orders-db fails and needs no other failing item", "web-01 and Online shop depend on it, directly or over one hop", "Its alert is the first of the six, 4 s before the next", "Ledger: “postgresql stopped” on its host 9 s before the first alert"] },
  }));
  const ledger = Array.from({ length: size === "none" ? 0 : size === "little" ? 14 : 900 }, (_, i) => {
    const kinds = [["events.alert.opened", "alert", alerts[0]?.id, "Alert opened: PostgreSQL does not accept connections", { severity: "critical" }], ["desk.incident.opened", "incident", incidents[0]?.id, "INC-1042 opened from the situation orders-db is down", { state: "new" }], ["jobs.run.started", "run", runs[0]?.id, "start-postgresql started by remediation", { status: "running" }], ["graph.item.changed", "item", items[1]?.id, "kernel: 6.12.8 → 6.12.9", {}], ["events.situation.closed", "situation", situations[0]?.id, "Situation closed: orders-db is down", { state: "closed" }], ["monitor.check.changed", "check", id("check", 0), "tcp orders-db: ok → critical", { state: "critical" }]];
    const [type, kind, sid, summary, data] = kinds[i % kinds.length];
    return { id: id("led", i), seq: 5000 - i, at: at(i * 3.7), actor: { kind: i % 3 ? "system" : "user", id: "x", name: i % 3 ? "correlation" : "Ada Keller" }, module: type.split(".")[0], type, subject: { kind, id: sid }, item: items[2 % n]?.id, summary, data };
  });
  const checks = Array.from({ length: few }, (_, i) => ({
    id: id("check", i), name: ["tcp orders-db", "https shop", "icmp web-01", "disk /var"][i % 4], kind: ["tcp", "http", "icmp", "command"][i % 4], state: ["ok", "ok", "critical", "ok", "warning", "unknown"][i % 6], stateType: i % 5 === 2 ? "soft" : "hard", attempt: i % 5 === 2 ? 2 : 3, maxAttempts: 3,
    item: items[i % n]?.id, itemName: items[i % n]?.name, interval: "30s", timeout: "5s", severity: "major", message: i % 6 === 2 ? "connect: connection refused" : "connected in 1.2 ms", latency: 0.0012 + (i % 9) / 1000, lastAt: at(0.3), nextAt: at(-0.2), changedAt: at(60 + i), agent: "web-01", spec: { address: "127.0.0.1:5432" },
  }));
  const agents = Array.from({ length: size === "much" ? 300 : few }, (_, i) => ({ id: id("agent", i), name: `web-${String(i + 1).padStart(2, "0")}`, version: i % 7 ? "0.1.0" : "0.0.9", os: "linux", arch: "amd64", connected: i % 9 !== 4, lastSeen: at(i % 9 === 4 ? 44 : 0.1), lag: "120ms", buffered: i % 9 === 4 ? 1200 : 0, capabilities: ["shell", "checks", "metrics"], upgrade: i % 7 ? undefined : "0.1.0 is available", item: items[i % n]?.id }));
  return { items, edges, alerts, situations, incidents, runs, ledger, checks, agents, id, at };
}
