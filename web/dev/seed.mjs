// Fills an installation with a realistic estate, through its API alone:
// node dev/seed.mjs URL TOKEN. Two thousand items in 40 racks of 8 sites with
// 6,000 relations, and something of every kind the console shows.
const [base, token] = process.argv.slice(2);

let state = 7;
const random = () => (state = (state * 16807) % 2147483647) / 2147483647;
const below = (n) => Math.floor(random() * n);
const pick = (list) => list[below(list.length)];
const pad = (n, width = 2) => String(n).padStart(width, "0");

async function ask(method, path, body, type = "application/json") {
  const response = await fetch(base + path, { method, headers: { Authorization: `Bearer ${token}`, "Content-Type": type }, body: body === undefined ? undefined : typeof body === "string" ? body : JSON.stringify(body) });
  const text = await response.text();
  if (!response.ok && response.status !== 409) throw new Error(`${method} ${path}: ${response.status} ${text.slice(0, 600)}`);
  return text && text[0] === "{" ? JSON.parse(text) : text;
}
const post = (path, body) => ask("POST", `/api/v1${path}`, body);

const teams = {};
for (const [name, description] of [["databases", "Keeps the databases"], ["network", "Switches, routers, lines"], ["platform", "Hosts and their systems"], ["web", "Shops and portals"], ["workplace", ""]]) {
  teams[name] = (await post("/teams", { name, description })).id;
}
teams.databases ??= (await ask("GET", "/api/v1/teams")).items.find((t) => t.name === "databases").id;

const people = [["kim", "Kim Doe", "operator", ["manager", "databases"]], ["sam", "Sam Okafor", "operator"], ["ana", "Ana Ruiz", "manager"], ["li", "Li Wei", null, ["operator", "network"]],
  ["mara", "Mara Lindqvist-Vandenberghe", null, ["operator", "web"], ["operator", "platform"]], ["otto", "Otto Brandt", "auditor"], ["ines", "Inês Carvalho", "requester"], ["raj", "Raj Patel", null, ["manager", "platform"]]];
const grantsOf = (role, more) => [...(role ? [{ role }] : []), ...more.map(([r, t]) => ({ role: r, team: teams[t] }))];
for (const [username, name, role, ...more] of people) await post("/users", { username, name, email: `${username}@example.com`, password: "correct horse battery", grants: grantsOf(role, more) });
for (const username of ["robot-prometheus", "robot-backup"]) await post("/users", { username, kind: "service", name: "", grants: [{ role: "operator" }] });
await post("/tokens", { user: "robot-prometheus", name: "prometheus", scopes: ["events:write", "metrics:write"], expires: new Date(Date.now() + 90 * 86_400_000).toISOString() });
await post("/tokens", { user: "robot-backup", name: "nightly backup", scopes: ["events:write"], expires: new Date(Date.now() + 9 * 86_400_000).toISOString() });
await post("/tokens", { name: "laptop", scopes: ["*:read"] });
for (const [name, description, team] of [["chat/token", "Posts to the operations channel", ""], ["db/shop/password", "Of the check user", "databases"], ["smtp/password", "", ""], ["snmp/community", "Read only, all switches", "network"]]) {
  await ask("PUT", `/api/v1/secrets/${encodeURIComponent(name)}`, { value: "not a real one", description, team: team ? teams[team] : undefined });
}

const items = [], relations = [];
const add = (ref, cls, team, attributes = {}) => { items.push({ ref, class: cls, name: ref, team: team ? teams[team] : undefined, identities: [{ kind: "declared", value: ref }], attributes }); return ref; };
const relate = (type, from, to) => relations.push({ type, from, to });
const cities = ["amsterdam", "berlin", "lisbon", "oslo", "prague", "tallinn", "vienna", "zurich"];
const sites = cities.map((c) => add(c, "site", "platform", { site: c }));
const racks = Array.from({ length: 40 }, (_, i) => { const r = add(`${cities[i % 8].slice(0, 3)}-rack-${pad(Math.floor(i / 8) + 1)}`, "rack", "platform", { site: cities[i % 8] }); relate("located_in", r, sites[i % 8]); return r; });
const cores = cities.map((c) => { const r = add(`${c.slice(0, 3)}-core`, "router", "network", { site: c }); relate("located_in", r, c); return r; });
const switches = racks.flatMap((rack, i) => ["a", "b"].map((side) => { const s = add(`${rack}-sw-${side}`, "switch", "network", { site: cities[i % 8] }); relate("located_in", s, rack); relate("connects_to", s, cores[i % 8]); return s; }));
const hosts = Array.from({ length: 400 }, (_, i) => {
  const rack = i % 40, h = add(`${cities[rack % 8].slice(0, 3)}-${pick(["web", "app", "db", "mq", "st"])}-${pad(i, 3)}`, i % 5 ? "virtual_machine" : "physical_server", pick(["platform", "platform", "databases", "web"]), { site: cities[rack % 8], osFamily: pick(["debian", "rhel", "windows"]) });
  relate("located_in", h, racks[rack]);
  relate("connects_to", h, switches[rack * 2]);
  relate("connects_to", h, switches[rack * 2 + 1]);
  return h;
});
const databases = Array.from({ length: 180 }, (_, i) => { const d = add(`${pick(["orders", "billing", "stock", "users", "audit", "search", "geo", "mail"])}-db-${pad(i, 3)}`, "database_server", "databases", { site: pick(cities) }); relate("runs_on", d, pick(hosts)); relate("backed_up_by", d, pick(hosts)); return d; });
for (let i = 0; i < 180; i += 3) relate("replicates_to", databases[i], databases[i + 1]);
const brokers = Array.from({ length: 60 }, (_, i) => { const b = add(`broker-${pad(i)}`, "message_broker", "platform", { site: pick(cities) }); relate("runs_on", b, pick(hosts)); return b; });
const services = Array.from({ length: 900 }, (_, i) => {
  const s = add(`${pick(["cart", "price", "login", "mail", "report", "sync", "gateway", "catalogue", "invoice", "notify", "export", "ledger"])}-${pad(i, 3)}`, pick(["service", "service", "web_server", "application_server", "cache"]), pick(["web", "platform"]), { site: pick(cities) });
  relate("runs_on", s, pick(hosts));
  relate("uses", s, pick(databases));
  if (i % 2) relate("uses", s, pick(brokers));
  return s;
});
for (let i = 0; i < 1050; i++) { const a = below(900), b = below(900); if (a < b) relate("depends_on", services[a], services[b]); else if (b < a) relate("communicates_with", services[a], services[b]); }
const balancers = Array.from({ length: 40 }, (_, i) => { const b = add(`lb-${pad(i)}`, "load_balancer", "network", { site: pick(cities) }); relate("runs_on", b, pick(hosts)); for (let j = 0; j < 4; j++) relate("uses", b, pick(services)); return b; });
const applications = Array.from({ length: 240 }, (_, i) => { const a = add(`${pick(["shop", "portal", "intranet", "crm", "planning", "analytics", "payroll"])}-${pad(i, 3)}`, "application", "web"); relate("depends_on", a, pick(balancers)); for (let j = 0; j < 3; j++) relate("depends_on", a, pick(services)); return a; });
for (let i = 0; i < 44; i++) { const b = add(`${pick(["Online sales", "Payments", "Customer care", "Logistics", "Human resources", "Finance"])} ${cities[i % 8]} ${Math.floor(i / 8) + 1}`, "business_service", ""); for (let j = 0; j < 5; j++) relate("depends_on", b, pick(applications)); }
for (let part = 0; part < items.length; part += 1000) await post("/reports", { source: "import:seed", items: items.slice(part, part + 1000) });
for (let part = 0; part < relations.length; part += 1000) await post("/reports", { source: "import:seed", scope: `relations ${part}`, items: [], relations: relations.slice(part, part + 1000).map((r) => ({ ...r, from: `declared=${r.from}`, to: `declared=${r.to}` })) });
console.log(`${items.length} items, ${relations.length} relations`);

const severities = ["critical", "major", "major", "minor", "minor", "warning", "warning", "info"];
const troubles = ["is not reachable", "answers slowly", "has little space left", "lost its replica", "uses too much memory", "is behind with its queue"];
const ailing = [...Array.from({ length: 25 }, () => pick(hosts)), ...Array.from({ length: 30 }, () => pick(services)), ...Array.from({ length: 8 }, () => pick(databases)), switches[6]];
await post("/events", ailing.map((name, i) => ({ source: pick(["prometheus", "snmp", "backup"]), kind: "problem", severity: severities[i % 8], key: `seed:${name}`, title: `${name} ${pick(troubles)}`, identities: [{ kind: "declared", value: name }] })));

const documents = [];
for (let i = 0; i < 60; i++) documents.push(`kind: Check\nname: ${hosts[i]}-ping\nspec:\n  description: The host answers\n  identities: [{kind: declared, value: ${hosts[i]}}]\n  icmp: {address: 127.0.0.1, count: 1}\n  interval: 30s\n  team: ${teams.platform}`);
documents.push(`kind: Check\nname: web-front\nspec:\n  description: Customers see the shop\n  identities: [{kind: declared, value: ${services[0]}}]\n  http: {url: "${base}/healthz", status: ["200"], match: ok, latency: {warning: 200ms, critical: 2s}}\n  interval: 5s\n  retries: 2\n  retryInterval: 2s`);
documents.push(`kind: Check\nname: web-broken\nspec:\n  description: Nothing listens here\n  identities: [{kind: declared, value: ${services[1]}}]\n  tcp: {address: "127.0.0.1:9"}\n  interval: 5s\n  retries: 1\n  retryInterval: 2s\n  severity: major`);
documents.push(`kind: Check\nname: mail-in\nspec:\n  identities: [{kind: declared, value: ${services[2]}}]\n  tcp: {address: "127.0.0.1:25"}\n  interval: 1m\n  disabled: true`);
documents.push(`kind: Check\nname: databases-answer\nspec:\n  description: Every database server of one site\n  selector: class=database_server and attributes.site=oslo\n  tcp: {address: "127.0.0.1:${new URL(base).port}"}\n  interval: 10s`);
documents.push('kind: MetricRule\nname: filesystem-full\nspec:\n  description: Less than a tenth of a filesystem is free\n  expr: shop_filesystem_utilization > 0.9\n  for: 5s\n  interval: 5s\n  severity: major\n  title: "{{ $labels.mountpoint }} is {{ $value | humanizePercentage }} full"');
documents.push('kind: MetricRule\nname: queue-long\nspec:\n  description: Work waits\n  expr: shop_queue_length > 40\n  for: 30m\n  interval: 5s\n  severity: minor\n  title: "{{ $value }} messages wait"');
documents.push("kind: MetricRule\nname: odd-one\nspec:\n  expr: sum(shop_queue_length) by (item) / on(item) group_left() shop_filesystem_utilization > 1e9\n  disabled: true");
documents.push(`kind: MaintenanceWindow\nname: sunday-patching\nspec:\n  reason: Operating system updates\n  start: 2026-11-29T02:00:00Z\n  duration: 2h\n  recurrence: FREQ=WEEKLY;BYDAY=SU\n  timeZone: Europe/Berlin\n  selector: class=host and attributes.site=oslo`);
documents.push(`kind: MaintenanceWindow\nname: switch-exchange\nspec:\n  reason: The switch of rack 3 is replaced\n  start: ${new Date(Date.now() - 3_600_000).toISOString()}\n  duration: 4h\n  identities: [{kind: declared, value: ${switches[6]}}]`);
documents.push(`kind: MaintenanceWindow\nname: old-one\nspec:\n  reason: It is over\n  start: 2026-10-01T02:00:00Z\n  duration: 1h\n  selector: class=database_server`);
documents.push("kind: Runbook\nname: restart-service\nspec:\n  title: Restart a service\n  description: Stops it in order, starts it and looks whether it answers\n  parameters:\n    - {name: unit, type: string, required: true, description: The systemd unit}\n    - {name: grace, type: int, default: 30, description: Seconds until it is killed}\n    - {name: mode, type: enum, values: [gentle, hard], default: gentle}\n  steps:\n    - {id: settle, name: Let it settle, wait: {duration: 1s}}\n    - {id: sure, needs: [settle], name: A person agrees, approval: {}}\n    - {id: after, needs: [sure], name: Wait for it, wait: {duration: 2s}}");
documents.push("kind: Runbook\nname: just-wait\nspec:\n  title: Wait a little\n  steps:\n    - {id: settle, name: Wait, wait: {duration: 1s}}");
documents.push("kind: Remediation\nname: heal-shop\nspec:\n  title: Restart what is critical\n  on: situation\n  condition: situation.severity == \"critical\" && item.class == \"web_server\"\n  runbook: just-wait\n  mode: approval\n  guards: {maxAttempts: 3, coolDown: 1m, blastRadius: 10}");
const applied = await ask("POST", "/api/v1/documents/apply", documents.join("\n---\n"), "application/yaml");
for (const d of applied.documents.filter((d) => d.action === "failed")) console.log("refused", d.kind, d.name, d.problem, JSON.stringify(d.errors));

const found = await ask("GET", "/api/v1/items?where=class=virtual_machine&limit=20");
const now = Date.now() * 1e6;
const gauge = (name, points) => ({ name, gauge: { dataPoints: points } });
const attributes = (o) => Object.entries(o).map(([key, v]) => ({ key, value: { stringValue: v } }));
for (let ago = 120; ago >= 0; ago--) {
  const at = String(BigInt(now) - BigInt(ago * 30) * 1_000_000_000n);
  const points = (value, more) => found.items.slice(0, 8).map((item, i) => ({ timeUnixNano: at, asDouble: value(i), attributes: attributes({ item: item.id, ...more }) }));
  await ask("POST", "/v1/metrics", { resourceMetrics: [{ scopeMetrics: [{ metrics: [gauge("shop_filesystem_utilization", points((i) => 0.6 + i * 0.05, { mountpoint: "/var" })), gauge("shop_queue_length", points((i) => 10 * i + below(5), { queue: "orders" }))] }] }] });
}
const levels = ["info", "info", "info", "info", "warn", "error", "debug"];
const texts = ["GET /cart 200 in 12 ms", "connection refused by orders-db-012: retrying in 5 s", "order 48213 was paid", "the queue has 312 messages", "slow query: SELECT * FROM orders WHERE customer = $1 took 2.4 s\n  at shop.orders.find (orders.go:118)\n  at shop.cart.show (cart.go:77)", "user signed in", "cache miss for price list"];
const hostsNamed = found.items.slice(0, 6);
for (let part = 0; part < 20; part++) {
  const logs = Array.from({ length: 500 }, (_, i) => { const n = part * 500 + i, burst = n % 10 === 0 ? below(300) : below(10_000); const l = pick(levels);
    return { host: pick(hostsNamed), timeUnixNano: String(BigInt(now) - BigInt(burst) * 1_000_000_000n), severityText: l, body: { stringValue: pick(texts) } }; });
  await ask("POST", "/v1/logs", { resourceLogs: logs.map(({ host, ...l }) => ({ resource: { attributes: attributes({ "host.name": host.name, "service.name": pick(["shop", "cart", "nginx"]) , item: host.id }) }, scopeLogs: [{ logRecords: [l] }] })) });
}
for (let i = 0; i < 4; i++) await post("/runbooks/just-wait/run", { parameters: {} });
await post("/runbooks/restart-service/run", { parameters: { unit: "nginx" } });
for (let i = 0; i < 3; i++) await post("/enrolments", { name: `host-${i}` });
console.log("seeded");
