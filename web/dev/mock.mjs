// A stand-in for the server, for work on the pages: node dev/mock.mjs PORT none|little|much
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join } from "node:path";
import { build } from "./data.mjs";

const [port = "4173", size = "little"] = process.argv.slice(2);
const d = build(size);
const dist = new URL("../dist/", import.meta.url).pathname;
const types = { ".js": "text/javascript", ".css": "text/css", ".html": "text/html", ".svg": "image/svg+xml" };
const csp = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; worker-src 'self'; base-uri 'none'";
let signedIn = true;

const me = { id: "u1", name: "ada", displayName: "Ada Keller", kind: "user", permissions: ["*:*"], roles: ["administrator"] };
const users = size === "none" ? [] : [{ id: "u1", name: "ada", displayName: "Ada Keller", email: "ada@example.net", grants: [{ role: "administrator" }], totp: true, lastSignIn: d.at(5) }, { id: "u2", name: "ben", displayName: "Ben Roth", grants: [{ role: "operator", team: "Databases" }] }];
const one = (list) => (id) => list.find((x) => x.id === id);
const lists = { items: d.items, alerts: d.alerts, situations: d.situations, incidents: d.incidents, runs: d.runs, checks: d.checks, agents: d.agents, ledger: d.ledger, users, teams: users.length ? [{ id: "t1", name: "Databases", members: ["u2"] }] : [], roles: [{ name: "administrator", permissions: ["*:*"] }, { name: "operator", permissions: ["alerts:act"] }], tokens: users.length ? [{ id: "k1", name: "grafana", scopes: ["items:read"], createdAt: d.at(9000), expiresAt: d.at(-90000) }] : [],
  classes: [...new Set(d.items.map((i) => i.class))].map((name) => ({ name, title: name, count: d.items.filter((i) => i.class === name).length })),
  runbooks: d.runs.length ? [{ name: "start-postgresql", title: "Start PostgreSQL", description: "Starts the unit and waits for the port.", parameters: [{ name: "unit", type: "string", required: true, default: "postgresql", description: "systemd unit" }], steps: d.runs[0].steps.map(({ name, kind, needs }) => ({ name, kind, needs })) }] : [],
  maintenance: d.runs.length ? [{ id: "m1", name: "Kernel update", reason: "6.12.9", from: d.at(-60), to: d.at(-180), state: "planned", items: [d.items[0].id], createdBy: "Ada Keller" }] : [],
  duplicates: [], rolesx: [] };

const rows = (n, f) => Array.from({ length: n }, (_, i) => f(i));
function series(q) {
  const start = Number(q.get("start")), end = Number(q.get("end")), step = Number(q.get("step"));
  const lines = /device|by|cpu/.test(q.get("query")) ? ["sda", "sdb", "sdc"] : ["x"];
  return lines.map((device, k) => ({ metric: { __name__: "m", device }, values: rows(Math.floor((end - start) / step) + 1, (i) => [start + i * step, String((0.3 + k * 0.15 + 0.2 * Math.sin((start + i * step) / 900 + k) + 0.05 * Math.sin(i * 1.7)) * (/bytes/.test(q.get("query")) ? 4e9 : /percent/.test(q.get("query")) ? 100 : 1))]) }));
}

function answer(method, path, q) {
  const [, , , noun, id, sub] = path.split("/");
  if (path === "/api/v1/me") return signedIn ? me : undefined;
  if (path === "/api/v1/search") return { items: [...d.items, ...d.alerts, ...d.incidents].filter((x) => (x.name ?? x.title).toLowerCase().includes(q.get("q").toLowerCase())).slice(0, 12).map((x) => ({ kind: x.class ? "item" : x.number ? "incident" : "alert", id: x.id, title: x.name ?? x.title, severity: x.severity, subtitle: x.class })) };
  if (path === "/api/v1/session/providers") return { items: [] };
  if (path === "/api/v1/ledger/verify") return { ok: true, checked: 5000 };
  if (path === "/api/v1/map") {
    const focus = q.get("focus");
    if (!focus) return { nodes: d.items, edges: d.edges };
    const keep = new Set([focus]);
    for (let h = 0; h < Number(q.get("hops") ?? 2); h++) for (const e of d.edges) if (keep.has(e.from) !== keep.has(e.to) && keep.size < 200) { keep.add(e.from); keep.add(e.to); }
    return { nodes: d.items.filter((i) => keep.has(i.id)), edges: d.edges.filter((e) => keep.has(e.from) && keep.has(e.to)) };
  }
  if (path === "/api/v1/logs/query") return { items: size === "none" ? [] : rows(size === "little" ? 20 : 500, (i) => ({ at: d.at(i / 10), message: `GET /checkout 502 upstream timed out (110: Connection timed out) request ${i}`, severity: i % 5 ? "info" : "error", fields: { host: "web-01", app: "nginx", pid: String(812 + i) } })) };
  if (path.startsWith("/prometheus/api/v1/query_range")) return { status: "success", data: { result: size === "none" ? [] : series(q) } };
  if (path.startsWith("/prometheus/api/v1/label")) return { status: "success", data: size === "none" ? [] : ["system_cpu_utilization_ratio", "system_memory_used_bytes", "system_filesystem_used_bytes", "system_load_average_1m", "system_network_receive_bytes_total", "mainstay_check_latency_seconds"] };
  if (path.startsWith("/prometheus/api/v1/query")) return { status: "success", data: { result: size === "none" ? [] : d.items.filter((i) => i.class === "host").slice(0, 40).map((i, k) => ({ metric: { item: i.id }, value: [Date.now() / 1000, String(0.1 + ((k * 37) % 80) / 100)] })) } };
  if (noun === "items" && sub === "relations") { const here = d.edges.filter((e) => e.from === id || e.to === id).map((e, i) => ({ id: `r${i}`, ...e, fromName: one(d.items)(e.from).name, toName: one(d.items)(e.to).name, fromClass: one(d.items)(e.from).class, toClass: one(d.items)(e.to).class, source: "agent", since: d.at(900) })); return { items: here }; }
  if (noun === "items" && sub === "history") return { items: rows(6, (i) => ({ at: d.at(i * 500), actor: "agent", attribute: i % 2 ? "kernel" : "memory", from: `6.12.${8 - i}`, to: `6.12.${9 - i}`, source: "agent" })) };
  if (noun === "items" && sub === "impact") return { items: d.items.slice(3, 9).map((i, k) => ({ item: i.id, name: i.name, class: i.class, distance: 1 + (k >> 1) })) };
  if (noun === "items" && id) { const i = one(d.items)(id); return i && { ...i, explained: { os: { value: "Debian 13", source: "agent", reason: "agent comes before import for hosts", values: [{ source: "agent", value: "Debian 13", at: d.at(1) }, { source: "import", value: "debian", at: d.at(90000), stale: true }] } } }; }
  if (noun === "checks" && sub === "results") return { items: rows(60, (i) => ({ at: d.at(i / 2), state: i > 8 && i < 14 ? "critical" : "ok", message: i > 8 && i < 14 ? "connect: connection refused" : "connected", latency: 0.001 + (i % 7) / 4000 })) };
  if (noun === "situations" && id) { const s = one(d.situations)(id); return s && { ...s, alerts: d.alerts.slice(0, 6), items: d.items.slice(0, 4), services: [{ id: d.items[4]?.id ?? "x", name: "Online shop" }], changes: d.ledger.slice(3, 6), runs: d.runs.slice(0, 2), causes: [{ ...s.rootCause, at: d.at(11) }, { item: d.items[0].id, itemName: d.items[0].name, confidence: 0.5, reasons: ["First alert"], at: d.at(12) }] }; }
  if (noun === "incidents" && sub === "comments") return { items: size === "none" ? [] : [{ id: "c1", at: d.at(6), author: "Ada Keller", body: "Restarting through the **runbook**.", internal: true }, { id: "c2", at: d.at(3), author: "Ben Roth", body: "The shop answers again.", internal: false }] };
  if (noun === "incidents" && sub === "attachments") return { items: [{ id: "a1", name: "psql.log", size: 48213, type: "text/plain", at: d.at(5), author: "Ada Keller" }] };
  if (noun === "runbooks" && id) return lists.runbooks.find((r) => r.name === id);
  if (noun === "enrolments") return { token: "mse_4f8k2q9d7m1x", expiresAt: d.at(-60), command: "mainstay agent --server http://localhost:8080 --enrol mse_4f8k2q9d7m1x" };
  if (id && lists[noun]) return one(lists[noun])(id);
  const all = lists[noun];
  if (!all) return undefined;
  let out = all;
  for (const w of q.getAll("where")) { const m = /^(\w+)=(.*)$/.exec(w); if (m) out = out.filter((x) => x[m[1]] === undefined || m[2].split(",").includes(String(x[m[1]]))); }
  if (q.get("q")) out = out.filter((x) => JSON.stringify(x).toLowerCase().includes(q.get("q").toLowerCase()));
  const from = Number(q.get("cursor") ?? 0), limit = Number(q.get("limit") ?? 100);
  return { items: out.slice(from, from + limit), next: from + limit < out.length ? String(from + limit) : undefined, total: out.length };
}

createServer(async (req, res) => {
  const url = new URL(req.url, "http://x");
  if (url.pathname === "/api/v1/stream") {
    res.writeHead(200, { "Content-Type": "text/event-stream" });
    res.write(": hello\n\n");
    return;
  }
  if (url.pathname.endsWith("/output")) {
    res.writeHead(200, { "Content-Type": "text/event-stream" });
    for (let i = 0; i < 30; i++) res.write(`event: output\ndata: ${JSON.stringify({ step: "start", stream: "stdout", text: `\u001b[32m[ok]\u001b[0m line ${i} of systemctl start postgresql\n` })}\n\n`);
    return res.end("event: end\ndata: {}\n\n");
  }
  if (url.pathname === "/api/v1/session") { signedIn = req.method === "POST"; res.writeHead(200); return res.end(JSON.stringify(me)); }
  if (/^\/(api|prometheus)\//.test(url.pathname)) {
    const body = answer(req.method, url.pathname, url.searchParams);
    const status = body ? 200 : url.pathname === "/api/v1/me" ? 401 : 404;
    res.writeHead(status, { "Content-Type": "application/json" });
    return res.end(JSON.stringify(body ?? { type: "urn:mainstay:problem:not_found", title: "Not found", status, code: "not_found", detail: `no ${url.pathname}` }));
  }
  let name = url.pathname.slice(1);
  if (!extname(name)) name = "index.html";
  try {
    const data = await readFile(join(dist, name));
    res.writeHead(200, { "Content-Type": types[extname(name)] ?? "application/octet-stream", "Content-Security-Policy": csp });
    res.end(data);
  } catch {
    res.writeHead(404).end();
  }
}).listen(Number(port), "127.0.0.1", function () { console.log(`http://127.0.0.1:${this.address().port}`); });
