// The whole thread as a person sees it: node e2e/thread.mjs, run by
// test/e2e/browser_test.go with the address, the sign-in, the command that makes
// the fault and the directory for pictures in its environment. It never loads a
// page anew while it waits, and finds everything by role and name.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdir } from "node:fs/promises";
import { promisify } from "node:util";
import { examine, open, pictureOf, watch } from "./browser.mjs";

const { URL: base, USER_NAME: user, PASSWORD: password, FAULT: fault, SCREENSHOTS: out } = process.env;
// The lists that the thread itself does not pass through.
const lists = {
  alerts: "/alerts", situations: "/situations", silences: "/silences", incidents: "/incidents", changes: "/changes", items: "/items", duplicates: "/duplicates", runs: "/runs",
  checks: "/checks", check: "/checks/shop-database", rules: "/metric-rules", rule: "/metric-rules/shop-slow", maintenance: "/maintenance", logs: "/logs", runbooks: "/runbooks", runbook: "/runbooks/start-database",
  remediations: "/remediations", agents: "/agents", enrolments: "/agents?tab=enrolments", people: "/people", teams: "/people?tab=teams", roles: "/people?tab=roles", tokens: "/tokens", secrets: "/secrets", tasks: "/tasks",
  documents: "/documents", editor: "/documents?tab=Check&show=shop-database", audit: "/audit", account: "/account",
};
const started = Date.now();
const told = (what) => console.log(`${((Date.now() - started) / 1000).toFixed(1).padStart(5)} s  ${what}`);

await mkdir(out, { recursive: true });
const browser = await open();
const complaints = [];
let page;
try {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, colorScheme: "light" });
  page = await context.newPage();
  watch(page, complaints);
  const addresses = await thread(page);
  told("the incident is resolved, seen without a reload");
  for (const [name, at] of Object.entries({ ...addresses, ...lists })) {
    complaints.push(...await examine(page, at, name, out, { once: name in lists }));
    told(`looked at the ${name}`);
  }
} catch (e) {
  if (page) await pictureOf(page, `${out}/failed.png`);
  console.log(complaints.join("\n"));
  throw e;
} finally {
  await browser.close();
}
assert.deepEqual(complaints, []);

/** Follows the fault through the console and returns the addresses it led to. */
async function thread(page) {
  const main = page.getByRole("main");
  const region = (name) => main.getByRole("region", { name });
  const heading = (name) => page.getByRole("heading", { level: 1, name });

  await page.goto(base);
  await page.getByRole("textbox", { name: "Name" }).fill(user);
  await page.getByRole("textbox", { name: "Password" }).fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await heading("Overview").waitFor();
  await region("Open situations").getByText("Nothing is wrong").waitFor();
  const loads = await page.evaluate(() => performance.timeOrigin);
  told("signed in, nothing is wrong");

  await promisify(execFile)("/bin/sh", ["-c", fault]);
  told("the fault is made");
  const incident = region("Incidents by priority").getByRole("listitem").getByRole("link").first();
  await incident.waitFor({ timeout: 40_000 });
  const situation = region("Open situations").getByRole("listitem").getByRole("link").first();
  await situation.waitFor();
  told("the incident appeared on the overview");
  await pictureOf(page, `${out}/overview-open.png`);

  await situation.click();
  await region("Root cause").getByRole("link", { name: "shop-database" }).first().waitFor();
  const reasons = region("Root cause").getByRole("listitem");
  await reasons.first().waitFor();
  assert.ok(await reasons.count() >= 1, "the root cause gives its reasons");
  const addresses = { overview: "/", situation: path(page) };
  // The consequences arrive one after the other; the page counts them by itself.
  await region("Alerts in time").getByRole("link").nth(2).waitFor({ timeout: 30_000 });
  const run = region("What is being done").getByRole("link", { name: /Start PostgreSQL/ });
  await run.waitFor();
  await pictureOf(page, `${out}/situation-open.png`);
  await page.emulateMedia({ colorScheme: "dark" });
  await pictureOf(page, `${out}/situation-open-dark.png`);
  await page.emulateMedia({ colorScheme: "light" });
  told("the situation says the cause and why");

  await region("Root cause").getByRole("link", { name: "shop-database" }).first().click();
  await heading("shop-database").waitFor();
  addresses.item = path(page);
  await page.getByRole("link", { name: "On the map" }).click();
  await page.getByRole("img", { name: /Map of/ }).waitFor();
  addresses.map = "/map";
  await page.goBack();
  await heading("shop-database").waitFor();
  await page.goBack();
  told("the item, and its place on the map");

  await run.click();
  await heading(/Start PostgreSQL/).waitFor();
  addresses.run = path(page);
  await page.getByRole("list", { name: "Steps in order" }).getByRole("button", { name: /Start PostgreSQL/ }).waitFor();
  await region("Output").getByText(/started/i).first().waitFor({ timeout: 40_000 });
  told("the run shows its output");

  await region("About").getByRole("link", { name: /Open the incident/ }).click();
  addresses.incident = path(page);
  await region("Resolution").waitFor({ timeout: 60_000 });
  await region("About").getByText(/^Resolved$/).waitFor();
  assert.equal(await page.evaluate(() => performance.timeOrigin), loads, "a page was loaded anew on the way");
  return addresses;
}

function path(page) {
  const at = new URL(page.url());
  return at.pathname + at.search;
}
