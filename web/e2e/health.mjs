// Service health, priorities, snoozes and groups as a person uses them:
// node e2e/health.mjs, run by test/e2e/health_test.go with the address and the
// sign-in in its environment. It makes its own services and alerts by the API.
import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import { examine, glance, open, pictureOf, watch } from "./browser.mjs";

const { URL: base, USER_NAME: user, PASSWORD: password, SCREENSHOTS: out } = process.env;
await mkdir(out, { recursive: true });
const browser = await open();
const complaints = [];
const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
const page = await context.newPage();
watch(page, complaints);
const heading = (name) => page.getByRole("heading", { level: 1, name });
const button = (name, within = page) => within.getByRole("button", { name, exact: true });
const said = (text) => page.getByRole("alert").filter({ hasText: text });

try {
  await page.goto(base);
  await page.getByRole("textbox", { name: "Name" }).fill(user);
  await page.getByRole("textbox", { name: "Password" }).fill(password);
  await button("Sign in").click();
  await heading("Overview").waitFor();
  const ids = await world();
  await health(ids);
  await priority();
  await groups();
  await everything();
  complaints.push(...await examine(page, "/service-health", "service-health", out));
  complaints.push(...await examine(page, `/service-health/${ids["Web shop"]}`, "service-health-one", out));
  complaints.push(...await examine(page, `/service-health/${ids["Web shop"]}?view=map`, "service-health-map", out));
  complaints.push(...await examine(page, "/service-health?tab=site", "service-health-sites", out));
  complaints.push(...await examine(page, "/alerts?group=site&open=lisbon", "alert-groups", out));
} catch (e) {
  await pictureOf(page, `${out}/health-failed.png`);
  console.log(complaints.join("\n"));
  throw e;
} finally {
  await browser.close();
}
assert.deepEqual(complaints, []);

/** The console's own session speaks to the API. */
async function call(method, path, body) {
  const answer = await page.evaluate(async ([method, path, body]) => {
    const r = await fetch(`/api/v1${path}`, { method, headers: { "Content-Type": "application/json" }, body: body && JSON.stringify(body) });
    return { ok: r.ok, status: r.status, text: await r.text() };
  }, [method, path, body]);
  assert.ok(answer.ok, `${method} ${path}: ${answer.status} ${answer.text}`);
  return answer.text ? JSON.parse(answer.text) : undefined;
}

/** A shop on two web servers and a database in Lisbon; mail in Porto. */
async function world() {
  const items = [["Web shop", "business_service", { criticality: "high", users: 400 }], ["Mail", "business_service", {}], ["shop-app", "application_service", {}], ["web1", "host", { site: "lisbon" }], ["web2", "host", { site: "lisbon" }], ["db", "host", { site: "lisbon" }], ["mx", "host", { site: "porto" }]];
  const report = await call("POST", "/reports", {
    source: "import", scope: "health",
    items: items.map(([name, klass, attributes]) => ({ ref: name, class: klass, name, identities: [{ kind: "declared", value: name }, ...(klass === "business_service" ? [{ kind: "name", value: name }] : [])], attributes })),
    relations: [["Web shop", "shop-app"], ["shop-app", "web1"], ["shop-app", "web2"], ["shop-app", "db"], ["Mail", "mx"]].map(([from, to]) => ({ type: "depends_on", from, to })),
  });
  const ids = Object.fromEntries(report.items.map((i, n) => [items[n][0], i.id]));
  const event = (name, severity, more) => ({ source: "health", key: `${name} ${more ?? ""}`, severity, title: `${name} ${more ?? "is down"}`, item: ids[name] });
  await call("POST", "/events", [event("db", "critical"), event("web1", "warning", "has little memory"), event("mx", "warning", "has a long queue")]);
  return ids;
}

async function health() {
  await page.keyboard.press("g");
  await page.keyboard.press("f");
  await heading("Service health").waitFor();
  const row = page.getByRole("row").filter({ hasText: "Web shop" });
  await row.getByText("Down").waitFor({ timeout: 60_000 });
  await row.getByRole("link", { name: "db" }).waitFor();
  await page.getByRole("row").filter({ hasText: "Mail" }).getByText("Degraded").waitFor();
  await page.keyboard.press("j");
  await page.keyboard.press("Enter");
  await heading("Web shop").waitFor();
  const needs = page.getByRole("region", { name: "What it needs" });
  await needs.getByRole("link", { name: "db" }).waitFor(); // the tree is open down to the cause
  await needs.getByText("Down by its own alerts").first().waitFor();
  const history = page.getByRole("region", { name: "History" });
  await history.getByRole("list", { name: "When it was not well" }).getByText("Down").first().waitFor();
  await page.getByRole("region", { name: "Alerts" }).getByRole("link", { name: "db is down" }).waitFor();
  await button("Map", needs).or(needs.getByText("Map", { exact: true })).first().click();
  await page.getByRole("img", { name: /^Map of 5 items/ }).waitFor();
}

async function priority() {
  const situations = page.getByRole("region", { name: "Situations" });
  await situations.getByRole("link").first().click();
  await heading(/db is down/).waitFor();
  const panel = page.getByRole("region", { name: "Priority" });
  await panel.getByText("P1", { exact: true }).first().waitFor();
  await panel.getByText(/Web shop has the criticality high/).waitFor();
  await page.keyboard.press("p");
  const dialog = page.getByRole("dialog", { name: "Set the priority" });
  await dialog.getByRole("combobox", { name: "Priority" }).or(dialog.getByRole("textbox", { name: "Priority" })).first().click();
  await page.getByRole("option", { name: "P3" }).click();
  await dialog.getByRole("textbox", { name: /^Why/ }).fill("the shop is closed today");
  complaints.push(...await glance(page, "set-priority", out));
  await button("Set", dialog).click();
  await panel.getByText(/set by .*the shop is closed today/).waitFor();
  await page.getByRole("region", { name: "What is being done" }).getByText("P3").waitFor({ timeout: 30_000 }); // the incident takes it over
  await button("Take back", panel).click();
  await panel.getByText("P1", { exact: true }).first().waitFor();
}

async function groups() {
  await page.goto(new URL("/alerts?group=site", base).href);
  const lisbon = page.getByRole("button", { name: /lisbon/ });
  await lisbon.waitFor();
  await lisbon.click();
  const list = page.getByRole("table", { name: "Alerts of lisbon" });
  await list.getByText("web1 has little memory").click();
  const drawer = page.getByRole("dialog", { name: "Alert" });
  await drawer.getByRole("heading", { name: "web1 has little memory" }).waitFor();
  await button("Snooze…", drawer).click();
  const form = page.getByRole("dialog", { name: "Snooze 1 alert" });
  complaints.push(...await glance(page, "snooze", out));
  await button("Snooze", form).click();
  await said("1 alert snoozed").waitFor();
  await drawer.getByText(/until .*or until it is worse/).first().waitFor();
  await button("Wake", drawer).click();
  await said("1 alert awake").waitFor();
  await button("Close", drawer).click();
  await button("Show as a list").click();
  await page.getByRole("table", { name: "Alerts" }).getByText("db is down").waitFor();
}

/** What is done to all that match is done by the server. */
async function everything() {
  await button("All that match…").click();
  await page.getByRole("menuitem", { name: "Acknowledge" }).click();
  await page.getByRole("status", { name: "Bulk action" }).getByText("Done to 2 of 2").waitFor();
  const open = await call("GET", "/alerts?where=state=acknowledged");
  assert.equal(open.items.length, 2);
}
