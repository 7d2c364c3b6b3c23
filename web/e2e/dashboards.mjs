// A host's dashboard that nobody made, kept and changed: node e2e/dashboards.mjs,
// run by test/e2e/dashboards_test.go with the address and the sign-in in its
// environment. The host is the one the test runs on, measured by its own agent.
import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import { examine, glance, open, pictureOf, watch } from "./browser.mjs";

const { URL: base, USER_NAME: user, PASSWORD: password, SCREENSHOTS: out } = process.env;
const started = Date.now();
const told = (what) => console.log(`${((Date.now() - started) / 1000).toFixed(1).padStart(5)} s  ${what}`);

await mkdir(out, { recursive: true });
const browser = await open();
const complaints = [];
const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
const page = await context.newPage();
watch(page, complaints);
const button = (name, within = page) => within.getByRole("button", { name, exact: true });
try {
  await page.goto(base);
  await page.getByRole("textbox", { name: "Name" }).fill(user);
  await page.getByRole("textbox", { name: "Password" }).fill(password);
  await button("Sign in").click();
  await page.getByRole("heading", { level: 1, name: "Overview" }).waitFor();

  const host = await measured();
  await page.goto(`${base}/items/${host.id}?tab=dashboard`);
  await page.getByRole("region", { name: "Fullest file system" }).getByText(/%$/).waitFor();
  told("the item shows what is measured of it");

  await page.goto(`${base}/dashboards/class/${host.class}?item=${host.id}&from=now-15m&to=now`);
  await page.getByRole("region", { name: "Load", exact: true }).locator("canvas").waitFor();
  complaints.push(...await examine(page, page.url(), "dashboard-host", out));
  await page.setViewportSize({ width: 1440, height: 900 });
  await button("Keep a copy").click();
  await page.getByRole("textbox", { name: "Name" }).fill("Mine");
  await button("Keep it").click();
  await page.getByRole("heading", { level: 1, name: "Mine" }).waitFor();
  told("a copy is kept");

  await button("Menu of Load").click();
  await page.getByRole("menuitem", { name: "Edit", exact: true }).click();
  await page.getByRole("textbox", { name: "Title", exact: true }).fill("How busy it is");
  const query = page.getByRole("textbox", { name: "Query A", exact: true });
  await query.click();
  await page.keyboard.press("ControlOrMeta+a");
  await page.keyboard.type("system_cpu_load_average_1m");
  await page.keyboard.press("Escape");
  await button("Back to the dashboard").click();
  await page.getByRole("button", { name: /^Move How busy it is/ }).focus();
  await page.keyboard.press("Shift+ArrowLeft");
  complaints.push(...await glance(page, "dashboard-edit", out));
  await button("Save").click();
  const save = page.getByRole("dialog", { name: "Save Mine" });
  await save.getByRole("region", { name: "Differences" }).getByText(/How busy it is/).waitFor();
  await button("Save", save).click();
  await button("Edit").waitFor();
  await page.reload();
  const panel = page.getByRole("region", { name: "How busy it is" });
  await panel.locator("canvas").waitFor();
  const stored = await (await context.request.get(`${base}/api/v1/dashboards/Mine`)).json();
  const changed = stored.spec.panels.find((p) => p.title === "How busy it is");
  assert.equal(changed.targets[0].query, "system_cpu_load_average_1m");
  assert.equal(changed.at.w, 11, "the keyboard made it narrower");
  told("a panel is changed, and stays so");

  await page.goto(`${base}/explore?expr=system_cpu_load_average_1m&from=now-15m&to=now`);
  await page.locator("canvas").first().waitFor();
  complaints.push(...await examine(page, page.url(), "explore", out));
} catch (e) {
  await pictureOf(page, `${out}/dashboards-failed.png`);
  console.log(complaints.join("\n"));
  throw e;
} finally {
  await browser.close();
}
assert.deepEqual(complaints, []);

/** The host, as soon as its agent has measured twice. */
async function measured() {
  for (;;) {
    const ask = async (path) => (await context.request.get(base + path)).json();
    const found = (await ask(`/prometheus/api/v1/query?query=${encodeURIComponent("count by (item) (count_over_time(system_cpu_load_average_1m[5m]) > 1)")}`)).data?.result?.[0];
    const items = found ? (await ask(`/api/v1/items?where=id=${found.metric.item}`)).items : [];
    if (items.length) return items[0];
    assert.ok(Date.now() - started < 90_000, "the host was not measured in time");
    await page.waitForTimeout(500);
  }
}
