// A person searches in logs, keeps and shares the search, takes it away as a
// file and makes a rule of it that fires: node e2e/logs.mjs, run by
// test/e2e/logs_test.go with the address and the sign-in in its environment.
import assert from "node:assert/strict";
import { mkdir, readFile } from "node:fs/promises";
import { examine, glance, open, pictureOf, watch } from "./browser.mjs";

const { URL: base, USER_NAME: user, PASSWORD: password, SCREENSHOTS: out } = process.env;
const started = Date.now();
const told = (what) => console.log(`${((Date.now() - started) / 1000).toFixed(1).padStart(5)} s  ${what}`);

await mkdir(out, { recursive: true });
const browser = await open();
const complaints = [];
const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, permissions: ["clipboard-read", "clipboard-write"] });
const page = await context.newPage();
watch(page, complaints);
const button = (name, within = page) => within.getByRole("button", { name, exact: true });
const query = page.getByRole("textbox", { name: "Query" });
const lines = page.getByRole("region", { name: "Log lines", exact: true });
const range = "from=now-3h&to=now";
const attributes = (o) => Object.entries(o).map(([key, v]) => ({ key, value: { stringValue: String(v) } }));
const trace = "0af7651916cd43dd8448eb211c80319c", span = "00f067aa0ba902b7";

/** Sends lines: each [milliseconds ago, app, level, message, more]. */
async function send(list) {
  const now = Date.now();
  const resourceLogs = list.map(([ago, app, level, text, { traceId, spanId, ...more } = {}]) => ({
    resource: { attributes: attributes({ "host.name": "web1.example", "service.name": app }) },
    scopeLogs: [{ logRecords: [{ timeUnixNano: `${now - ago}000000`, severityText: level, body: { stringValue: text }, traceId, spanId, attributes: attributes(more) }] }],
  }));
  const answer = await context.request.post(`${base}/v1/logs`, { data: { resourceLogs }, headers: { Origin: base } });
  assert.ok(answer.ok(), await answer.text());
}
const found = async (q) => {
  const answer = await context.request.get(`${base}/api/v1/logs/query?limit=10000&start=${new Date(Date.now() - 3 * 3_600_000).toISOString()}&query=${encodeURIComponent(q)}`);
  assert.ok(answer.ok(), await answer.text());
  return (await answer.json()).items.length;
};
async function until(what, ask) {
  for (const end = Date.now() + 90_000; !(await ask()); ) {
    assert.ok(Date.now() < end, `not in time: ${what}`);
    await page.waitForTimeout(250);
  }
}
const asked = (q) => page.waitForFunction((q) => (new URLSearchParams(location.search).get("q") ?? "") === q, q);

try {
  await page.goto(base);
  await page.getByRole("textbox", { name: "Name" }).fill(user);
  await page.getByRole("textbox", { name: "Password" }).fill(password);
  await button("Sign in").click();
  await page.getByRole("heading", { level: 1, name: "Overview" }).waitFor();
  await send(Array.from({ length: 1800 }, (_, i) => [i * 5000, i % 3 ? "shop" : "cart", i % 9 ? "info" : "error", i % 9 ? `GET /cart/${i} 200 in ${i % 70} ms` : `payment ${i} was declined by gateway`, { status: i % 9 ? 200 : 502 }]));
  await send([[3000, "shop", "error", "checkout failed: the gateway is away", { traceId: trace, spanId: span }]]);
  const spans = await context.request.post(`${base}/v1/traces`, { headers: { Origin: base }, data: { resourceSpans: [{ resource: { attributes: attributes({ "service.name": "shop" }) }, scopeSpans: [{ spans: [{ traceId: trace, spanId: span, name: "GET /checkout", kind: 2, startTimeUnixNano: `${Date.now() - 4000}000000`, endTimeUnixNano: `${Date.now() - 3700}000000` }] }] }] } });
  assert.ok(spans.ok(), await spans.text());
  await until("the lines are searchable", async () => (await found("app:shop or app:cart")) === 1801);
  told("1,801 lines are there");

  // What is typed completes itself: fields, then the values of the field.
  await page.goto(`${base}/logs?${range}`);
  await lines.waitFor();
  await query.click();
  await page.keyboard.type("lev");
  await page.getByRole("option", { name: /^level/ }).click();
  await page.getByRole("option", { name: /^error/ }).waitFor();
  await pictureOf(page, `${out}/logs-completion.png`);
  await page.getByRole("option", { name: /^error/ }).click();
  await page.keyboard.press("Enter");
  await asked("level:error");
  await lines.getByText("checkout failed: the gateway is away").waitFor();
  told("a search, completed");

  // The same as a form, and one more condition.
  await page.getByText("Form", { exact: true }).click();
  assert.equal(await page.getByRole("combobox", { name: "Field 1" }).inputValue(), "level");
  await page.getByRole("textbox", { name: "With the words" }).fill("declined");
  await button("Add a condition").click();
  await page.getByRole("combobox", { name: "Field 2" }).fill("app");
  await page.getByRole("combobox", { name: "Value 2" }).fill("cart");
  await page.keyboard.press("Escape");
  await button("Search").click();
  await asked('declined level:error app:="cart"');
  const wanted = await found('declined level:error app:="cart"');
  assert.equal(wanted, 200);
  await page.getByText(`${wanted} lines; drag to zoom`).waitFor();
  complaints.push(...await examine(page, page.url(), "logs-form", out));
  await page.setViewportSize({ width: 1440, height: 900 });
  await page.getByText("LogsQL", { exact: true }).click();
  told("the same as a form");

  // What the engine does not understand is told at its place.
  await query.click();
  await page.keyboard.press("ControlOrMeta+a");
  await page.keyboard.type("error or | limit 5");
  await page.keyboard.press("Escape");
  await button("Search").click();
  await page.getByRole("alert").getByText(/at character \d+/).waitFor();
  await page.locator(".cm-lintRange-error").waitFor();
  complaints.splice(0, complaints.length, ...complaints.filter((c) => !c.includes("422"))); // the browser writes the refusal down
  await button("History").click();
  await page.getByRole("menuitem", { name: /declined level:error/ }).click();
  await asked('declined level:error app:="cart"');
  told("a fault is told at its place, and the history leads back");

  // Columns are in the address.
  await button("Columns").click();
  await page.getByRole("checkbox", { name: "status" }).check();
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "Width of status" }).waitFor();
  await button("Width of status").focus();
  await page.keyboard.press("ArrowLeft");
  await page.waitForFunction(() => new URLSearchParams(location.search).getAll("columns").some((c) => /^status@\d+$/.test(c)));

  // Saved for everybody, and found again.
  await button("Save").click();
  const save = page.getByRole("dialog", { name: "Save this search" });
  await save.getByRole("textbox", { name: "Name" }).fill("Declined in the cart");
  await save.getByLabel("Who sees it").first().click();
  await page.getByRole("option", { name: "Everybody" }).click();
  complaints.push(...await glance(page, "logs-save", out));
  await button("Save", save).click();
  await save.waitFor({ state: "hidden" });
  await page.goto(`${base}/logs?${range}`);
  await button("Saved").click();
  const saved = page.getByRole("dialog", { name: "Saved searches" });
  await saved.getByText("shared with everybody").waitFor();
  complaints.push(...await glance(page, "logs-saved", out));
  await button("Declined in the cart", saved).click();
  await asked('declined level:error app:="cart"');
  await page.getByRole("button", { name: "Width of status" }).waitFor();
  const { documents } = await (await context.request.get(`${base}/api/v1/documents?kind=SavedSearch`)).json();
  assert.deepEqual(documents.map((d) => [d.name, d.spec.query]), [["Declined in the cart", 'declined level:error app:="cart"']]);
  told("saved, shared and opened again");

  // The address is the search.
  await button("Copy link").click();
  const address = await page.evaluate(() => navigator.clipboard.readText());
  const other = await context.newPage();
  watch(other, complaints);
  await other.goto(address);
  await other.getByText(`${wanted} lines; drag to zoom`).waitFor();
  await other.close();

  // The file has every line once.
  await button("Export").click();
  const dialog = page.getByRole("dialog", { name: "Export" });
  await dialog.getByRole("radio", { name: /JSON lines/ }).check();
  complaints.push(...await glance(page, "logs-export", out));
  const [download] = await Promise.all([page.waitForEvent("download"), button("Save the file", dialog).click()]);
  const records = (await readFile(await download.path(), "utf8")).trim().split("\n").map((l) => JSON.parse(l));
  assert.equal(records.length, wanted);
  assert.equal(new Set(records.map((r) => r._msg)).size, wanted);
  await dialog.getByText("200 lines saved").waitFor();
  await button("Close", dialog).last().click();
  told("the address is shared, the lines are saved as a file");

  // All lines, to the oldest, without one missing: only those in sight are drawn.
  await page.goto(`${base}/logs?${range}&q=${encodeURIComponent("app:shop or app:cart")}`);
  await lines.waitFor();
  await until("the oldest line", async () => {
    await lines.evaluate((e) => e.scrollTo({ top: e.scrollHeight }));
    return lines.getByText("1,801 lines: that is all in this range").isVisible();
  });
  const drawn = await lines.locator("[data-index]").count();
  assert.ok(drawn < 200, `${drawn} lines are drawn`);
  const smooth = await lines.evaluate(scrolled);
  told(`scrolled through 1,801 lines: ${smooth.frames} frames, the slowest ${smooth.worst.toFixed(0)} ms, ${smooth.blank} of them without lines`);
  assert.equal(smooth.blank, 0);

  // A line leads on: to what was around it, to its trace, to its pattern.
  await page.goto(`${base}/logs?${range}&q=checkout&open=fields`);
  await lines.getByText("checkout failed").click();
  await button("The trace").click();
  await page.getByRole("region", { name: "Spans of the trace" }).getByText("GET /checkout").waitFor();
  await button("Lines around").click();
  await page.getByRole("region", { name: "Lines around" }).getByText(/GET \/cart/).first().waitFor();
  const explorer = page.getByRole("navigation", { name: "Fields of the lines" });
  await explorer.getByRole("button", { name: /^level/ }).click();
  await explorer.getByText("100 %").waitFor();
  complaints.push(...await glance(page, "logs-line", out));
  complaints.push(...await examine(page, `${base}/logs?${range}&open=fields`, "logs", out));
  await page.setViewportSize({ width: 1440, height: 900 });
  told("a line leads on");

  // Live: what is written appears; paused, it waits.
  await page.goto(`${base}/logs?${range}&view=live&q=app:live`);
  await page.getByText("Waiting for the next line").waitFor();
  const live = page.getByRole("region", { name: "Log lines as they come" });
  await until("a line comes live", async () => { await send([[0, "live", "info", "the first one"]]); await page.waitForTimeout(1000); return live.getByText("the first one").first().isVisible(); });
  await button("Pause").click();
  await until("a line waits", async () => { await send([[0, "live", "warn", "the second one"]]); await page.waitForTimeout(1000); return page.getByRole("button", { name: /^Go on, \d+ new line/ }).isVisible(); });
  assert.equal(await live.getByText("the second one").count(), 0);
  await page.getByRole("button", { name: /^Go on/ }).click();
  await live.getByText("the second one").first().waitFor();
  told("lines come live, and wait while paused");

  // A rule is made of the search; it says what it would have done, and fires.
  await page.goto(`${base}/logs?${range}&q=${encodeURIComponent('declined app:="cart"')}`);
  await lines.waitFor();
  await button("Make a rule").click();
  const rule = page.getByRole("dialog", { name: "Make a log rule" });
  await rule.getByRole("textbox", { name: "Name" }).fill("cart-declined");
  await rule.getByRole("textbox", { name: "More lines than" }).fill("2");
  // The lines were written when all this began, which may have taken minutes.
  await rule.getByLabel("Within").first().click();
  await page.getByRole("option", { name: "1h", exact: true }).click();
  await rule.getByRole("textbox", { name: "Title" }).fill("The cart's payments are declined");
  await rule.getByRole("textbox", { name: "Looked at every" }).fill("10s");
  await rule.getByText("Count the lines as a metric").click();
  await rule.getByText(/it would have fired once/).waitFor();
  complaints.push(...await glance(page, "log-rule", out));
  await button("Make the rule", rule).click();
  await rule.waitFor({ state: "hidden" });
  await page.goto(`${base}/log-rules`);
  await page.getByRole("row", { name: /cart-declined/ }).getByText("firing", { exact: false }).waitFor({ timeout: 90_000 });
  complaints.push(...await examine(page, `${base}/log-rules`, "log-rules", out));
  await page.setViewportSize({ width: 1440, height: 900 });
  await page.goto(`${base}/alerts`);
  await page.getByText("The cart's payments are declined").first().waitFor();
  await send([[0, "cart", "error", "payment 1801 was declined by gateway", { status: 502 }]]);
  await until("the metric", async () => Number((await (await context.request.get(`${base}/prometheus/api/v1/query?query=cart_declined_total`)).json()).data.result[0]?.value[1] ?? 0) > 0);
  told("a rule of it fires");

  // Patterns: what is new lately, its lines, a rule.
  await page.goto(`${base}/logs?tab=patterns&from=now-1h&to=now`);
  const patterns = page.getByRole("region", { name: "Patterns of log messages" });
  await patterns.getByRole("row", { name: /new .*checkout failed/ }).waitFor();
  complaints.push(...await examine(page, page.url(), "log-patterns", out));
  await page.setViewportSize({ width: 1440, height: 900 });
  await patterns.getByRole("row", { name: /declined by gateway/ }).getByRole("button", { name: "Make a rule" }).click();
  await page.getByRole("dialog", { name: "Make a log rule" }).getByText(/lines in the last hour/).waitFor();
  await page.keyboard.press("Escape");
  await patterns.getByRole("link", { name: /declined by gateway/ }).click();
  await lines.getByText(/was declined by gateway/).first().waitFor();
  told("patterns lead to their lines");
} catch (e) {
  await pictureOf(page, `${out}/logs-failed.png`);
  console.log(complaints.join("\n"));
  throw e;
} finally {
  await browser.close();
}
assert.deepEqual(complaints, []);

/** Scrolls from the end to the top, and counts the frames, the slowest, and those that showed no line. */
async function scrolled(box) {
  const frame = () => new Promise((r) => requestAnimationFrame(r));
  let frames = 0, worst = 0, blank = 0, last = performance.now();
  while (box.scrollTop > 0) {
    box.scrollTop -= 400;
    await frame();
    await frame();
    const now = performance.now();
    worst = Math.max(worst, now - last);
    last = now;
    frames++;
    const middle = box.getBoundingClientRect();
    const at = document.elementFromPoint(middle.left + 200, middle.top + middle.height / 2);
    if (!at?.closest("[data-index]")) blank++;
  }
  return { frames, worst, blank };
}
