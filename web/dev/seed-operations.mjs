// A data set large enough to look at: node dev/seed-operations.mjs URL COOKIE
// 300 items, 3,000 events over them, 200 incidents, runs, and two items that may be one.
const [base, cookie] = process.argv.slice(2);

async function call(method, path, body) {
  const answer = await fetch(`${base}/api/v1${path}`, { method, headers: { Cookie: cookie, "Content-Type": "application/json", Origin: base }, body: body && JSON.stringify(body) });
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
  return answer.status === 204 ? undefined : answer.json();
}
const pick = (list, n) => list[n % list.length];
const range = (n) => Array.from({ length: n }, (_, i) => i);

const teams = [];
for (const name of ["Databases", "Web", "Network"]) teams.push((await call("POST", "/teams", { name })).id);

const services = ["Web shop", "Billing", "Warehouse", "Payroll", "Customer portal", "Reporting"];
const sites = ["Lisboa", "Porto", "Frankfurt"];
const host = (n) => `srv-${String(n).padStart(3, "0")}.${pick(["lis", "opo", "fra"], n)}.example.net`;
const items = [
  ...services.map((name, n) => ({ ref: `s${n}`, class: "business_service", name, identities: [{ kind: "declared", value: name }], attributes: { owner: pick(["Sales", "Finance", "Logistics"], n), criticality: pick(["critical", "high", "medium"], n) } })),
  ...range(60).map((n) => ({ ref: `a${n}`, class: "application_service", name: `${pick(["orders", "stock", "invoices", "sessions", "mail", "reports"], n)}-${n}`, identities: [{ kind: "declared", value: `app-${n}` }], attributes: { language: pick(["Go", "Java", "PHP"], n), version: `2.${n}.1` } })),
  ...range(54).map((n) => ({ ref: `d${n}`, class: "database_server", name: `${pick(["pg", "maria"], n)}-${n}`, identities: [{ kind: "declared", value: `db-${n}` }], attributes: { engine: pick(["postgresql", "mariadb"], n), version: "17.2" } })),
  ...range(180).map((n) => ({ ref: `h${n}`, class: "host", name: host(n), identities: [{ kind: "serial", value: `SN${10000 + n}` }, { kind: "fqdn", value: host(n) }], attributes: { os: "debian", osVersion: "13", memoryBytes: 2 ** (33 + (n % 4)), cpuCount: 4 + (n % 3) * 4, site: pick(sites, n) } })),
];
const relations = [
  ...services.flatMap((_, n) => range(10).map((k) => ({ type: "depends_on", from: `s${n}`, to: `a${n * 10 + k}` }))),
  ...range(60).map((n) => ({ type: "depends_on", from: `a${n}`, to: `d${n % 54}` })),
  ...range(60).map((n) => ({ type: "runs_on", from: `a${n}`, to: `h${n}` })),
  ...range(54).map((n) => ({ type: "runs_on", from: `d${n}`, to: `h${60 + n}` })),
];
const known = await call("POST", "/reports", { source: "import", scope: "seed", items, relations });
const ids = known.items.map((i) => i.id);
console.log(`${ids.length} items`, known.errors ?? "");

// Records of one machine whose strong identifiers disagree: tasks for a person.
for (const n of range(3)) {
  const seen = (source, name, serial, attributes) => call("POST", "/reports", { source, scope: `${source}-${serial}`, items: [{ ref: "a", class: "host", name, identities: [{ kind: "serial", value: serial }, { kind: "system_uuid", value: `4c4c4544-0000-1000-8000-00000000000${n}` }], attributes }] });
  await seen("agent", `print0${n}`, `TWIN-${n}A`, { os: "debian", memoryBytes: 8589934592, serialNumber: `TWIN-${n}A` });
  await seen("snmp", `print0${n}.lis.example.net`, `TWIN-${n}B`, { os: "linux", firmware: "2.1", serialNumber: `TWIN-${n}B` });
}

const faults = [
  (i) => `Disk /var of ${i.name} is full`,
  (i) => `${i.name} does not answer: dial tcp 10.20.${i.name.length}.7:5432: connect: connection refused (last error: context deadline exceeded while awaiting headers after 3 attempts)`,
  (i) => `Load of ${i.name} is high`, (i) => `Backup of ${i.name} failed`, (i) => `Certificate of ${i.name} ends in 6 days`, (i) => `Replication of ${i.name} is 94 s behind`,
];
const severities = ["critical", "major", "minor", "warning", "info"];
const events = range(3000).map((n) => {
  const at = (n * 7919) % items.length;
  const item = items[at];
  const f = (n * 31) % faults.length;
  return {
    source: pick(["prometheus", "backup", "syslog", "zabbix"], f), kind: n % 4 === 3 ? "clear" : "problem", key: `${item.ref}:${f}`, severity: pick(severities, (n * 13) % 17), title: faults[f](item),
    description: n % 5 ? undefined : "Seen by two probes.", item: ids[at], labels: { environment: pick(["production", "staging"], at), team: pick(["db", "web", "net"], at), job: pick(["node", "blackbox"], n) }, at: new Date(Date.now() - (3000 - n) * 3000).toISOString(),
  };
});
for (let i = 0; i < events.length; i += 500) await call("POST", "/events", events.slice(i, i + 500));
console.log(`${events.length} events`);

for (const n of range(200)) {
  const item = items[(n * 37) % items.length];
  const made = await call("POST", "/incidents", {
    title: faults[n % faults.length](item), description: `Reported by the desk.\n\n- first seen at ${pick(sites, n)}\n- call back on \`x${1000 + n}\``, item: ids[(n * 37) % items.length], team: pick(teams, n),
    impact: pick(["high", "medium", "low"], n), urgency: pick(["medium", "high", "low", "medium"], n),
  });
  if (n % 3 === 0) await call("POST", `/incidents/${made.id}/assign`, { team: made.team });
  if (n % 6 === 0) await call("POST", `/incidents/${made.id}/transition`, { action: "start" }).catch(() => {});
  if (n % 9 === 0) await call("POST", `/incidents/${made.id}/transition`, { action: "resolve", reason: "Restarted, and watched for an hour." }).catch(() => {});
}
console.log("200 incidents");

const runbook = `kind: Runbook
name: settle
spec:
  title: Wait until the queue is empty
  steps:
    - {id: first, name: Wait for the workers, wait: {duration: 2s}}
    - {id: second, name: Wait for the last message, needs: [first], wait: {duration: 1s}}
---
kind: Runbook
name: tidy
spec:
  title: Free space on a host
  description: Removes what may be removed, and says how much it freed
  parameters: [{name: path, type: string, default: /tmp, description: Where to look}]
  steps:
    - {id: before, name: Measure, shell: {agent: "$item", script: "df -h /; sleep 0.4"}}
    - {id: settle, name: Wait a moment, needs: [before], wait: {duration: 1s}}
    - {id: after, name: Measure again, needs: [settle], shell: {agent: "$item", script: "for i in $(seq 1 40); do echo line $i of what was found under /var/tmp/some/where; done; df -h / | tail -1"}}
`;
await fetch(`${base}/api/v1/documents/apply`, { method: "POST", headers: { Cookie: cookie, "Content-Type": "application/yaml", Origin: base }, body: runbook });
for (const n of range(5)) await call("POST", "/runbooks/settle/run", { parameters: {} }).catch((e) => n === 0 && console.log(e.message));
for (const n of range(3)) await call("POST", "/runbooks/tidy/run", { parameters: { path: `/tmp/${n}` } }).catch((e) => n === 0 && console.log(e.message));
