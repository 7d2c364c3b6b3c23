// What people decide, by keyboard and pointer, and how it is taken back:
// node e2e/decisions.mjs, run by test/e2e/decisions_test.go with the address and
// the sign-in in its environment. It makes its own alerts and items by the API.
import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import { glance, open, pictureOf, watch } from "./browser.mjs";

const { URL: base, USER_NAME: user, PASSWORD: password, SCREENSHOTS: out } = process.env;
const started = Date.now();
const told = (what) => console.log(`${((Date.now() - started) / 1000).toFixed(1).padStart(5)} s  ${what}`);

await mkdir(out, { recursive: true });
const browser = await open();
const complaints = [];
const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
const page = await context.newPage();
watch(page, complaints);
try {
  await signIn();
  const names = await world();
  await situations(names);
  await alerts();
  await silences();
  await items(names);
  await duplicates();
} catch (e) {
  await pictureOf(page, `${out}/decisions-failed.png`);
  console.log(complaints.join("\n"));
  throw e;
} finally {
  await browser.close();
}
assert.deepEqual(complaints, []);

async function signIn() {
  await page.goto(base);
  await page.getByRole("textbox", { name: "Name" }).fill(user);
  await page.getByRole("textbox", { name: "Password" }).fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await heading("Overview").waitFor();
}

function heading(name) {
  return page.getByRole("heading", { level: 1, name });
}
function button(name, within = page) {
  return within.getByRole("button", { name, exact: true });
}
function said(text) {
  return page.getByRole("alert").filter({ hasText: text });
}
async function undo(text) {
  await button("Undo", said(text)).click();
}

async function look(name) {
  complaints.push(...await glance(page, name, out));
}

/** The console's own session speaks to the API. */
async function call(method, path, body) {
  const answer = await page.evaluate(async ([method, path, body]) => {
    const r = await fetch(`/api/v1${path}`, { method, headers: { "Content-Type": "application/json" }, body: body && JSON.stringify(body) });
    return { ok: r.ok, status: r.status, text: await r.text() };
  }, [method, path, body]);
  assert.ok(answer.ok, `${method} ${path}: ${answer.status} ${answer.text}`);
  return answer.text ? JSON.parse(answer.text) : undefined;
}

/** web needs app, app needs db; mail stands apart. All four fail. */
async function world() {
  const names = ["d-web", "d-app", "d-db", "d-mail"];
  const report = await call("POST", "/reports", {
    source: "import", scope: "decisions",
    items: names.map((name) => ({ ref: name, class: "application_service", name, identities: [{ kind: "declared", value: name }], attributes: { version: "1" } })),
    relations: [{ type: "depends_on", from: "d-web", to: "d-app" }, { type: "depends_on", from: "d-app", to: "d-db" }],
  });
  for (const [source, serial] of [["agent", "A"], ["snmp", "B"]]) {
    await call("POST", "/reports", { source, scope: `twin-${serial}`, items: [{ ref: "a", class: "host", name: `d-twin-${serial}`, identities: [{ kind: "serial", value: serial }, { kind: "system_uuid", value: "4c4c4544-0000-1000-8000-0000000000aa" }] }] });
  }
  await call("POST", "/events", names.map((name, i) => ({ source: "decisions", key: name, severity: "major", title: `${name} is down`, item: report.items[i].id })));
  return names;
}

async function situations() {
  await page.keyboard.press("g");
  await page.keyboard.press("s");
  await heading("Situations").waitFor();
  await page.getByRole("link", { name: /d-db is down/ }).first().click();
  await heading(/d-db is down/).waitFor();
  const cause = page.getByRole("region", { name: "Root cause" });
  const history = page.getByRole("region", { name: "History" });

  await page.keyboard.press("y");
  await said("d-db is the root cause").waitFor();
  await cause.getByText(/^confirmed by/).first().waitFor();
  await history.getByText(/Root cause confirmed: d-db\. .* says so/).first().waitFor();
  await undo("d-db is the root cause");
  await history.getByText("The root cause is open again.").first().waitFor();
  told("a root cause is confirmed, and taken back");

  await page.keyboard.press("n");
  const dialog = page.getByRole("dialog", { name: "What is the root cause?" });
  await dialog.getByRole("radio", { name: "d-app" }).check();
  await look("correct-the-cause");
  await dialog.getByRole("button", { name: "This is the root cause" }).click();
  await heading(/d-app is down/).waitFor();
  assert.equal(await page.evaluate(() => document.activeElement?.closest("[role=dialog]")), null, "the focus is still in a dialog that is closed");
  told("a root cause is corrected");

  await page.getByRole("checkbox", { name: "Select: d-web is down" }).check();
  await page.keyboard.press("v");
  await button("Move", page.getByRole("dialog", { name: "Move 1 alert" })).click();
  await said("1 alert was moved").waitFor();
  await history.getByText(/“?d-web is down”? went to another situation|An alert went to another situation/).first().waitFor();
  await undo("1 alert was moved");
  await page.getByRole("checkbox", { name: "Select: d-web is down" }).waitFor();
  told("an alert is moved out, and back");

  await page.keyboard.press("m");
  const merge = page.getByRole("dialog", { name: "Merge with another situation" });
  await merge.getByRole("combobox", { name: "The other situation" }).fill("d-mail");
  await page.getByRole("option", { name: /d-mail is down/ }).click();
  await merge.getByText(/1 alert of “d-mail is down” becomes part/).waitFor();
  await look("merge-situations");
  await button("Merge", merge).click();
  await said("The situations are one").waitFor();
  await page.getByRole("region", { name: "Alerts in time" }).getByRole("link", { name: "d-mail is down" }).waitFor();
  told("two situations are one");

  await page.keyboard.press("e");
  const close = page.getByRole("dialog", { name: "Close this situation" });
  await close.getByRole("textbox").fill("it was a test");
  await button("Close it", close).click();
  await history.getByText(/Closed by .*it was a test/).waitFor();
  await page.getByRole("main").getByText("Closed", { exact: true }).first().waitFor();
  told("a situation is closed");
}

async function alerts() {
  await call("POST", "/events", ["one", "two"].map((k) => ({ source: "decisions", key: k, severity: "minor", title: `Bulk ${k}`, labels: { job: "bulk" } })));
  await page.keyboard.press("g");
  await page.keyboard.press("a");
  await heading("Alerts").waitFor();
  await page.getByRole("searchbox", { name: "Filter by text" }).fill("Bulk");
  await page.getByRole("row").filter({ hasText: "Bulk two" }).waitFor();
  await page.getByText("2 of 2").waitFor();
  await page.keyboard.press("Escape");
  assert.equal(await page.getByRole("searchbox", { name: "Filter by text" }).inputValue(), "Bulk", "leaving the filter keeps it");
  for (const key of ["j", "x", "j", "x"]) await page.keyboard.press(key);
  await page.getByText("2 selected").waitFor();
  await look("selected-alerts");
  await page.keyboard.press("a");
  await said("2 alerts acknowledged").waitFor();
  await undo("2 alerts acknowledged");
  await said("As it was before").first().waitFor();
  told("two alerts are acknowledged by keyboard, and taken back");
}

async function silences() {
  for (const key of ["k", "x"]) await page.keyboard.press(key);
  await page.getByText("1 selected").waitFor();
  await page.keyboard.press("m");
  const form = page.getByRole("dialog", { name: "New silence" });
  await form.getByText("1 active alert fits now").waitFor();
  await form.getByRole("textbox", { name: "Value 1" }).fill("Bulk .*");
  await form.getByRole("combobox", { name: "Comparison 1" }).click();
  await page.getByRole("option", { name: "matches", exact: true }).click();
  await form.getByText("2 active alerts fit now").waitFor();
  await look("silence");
  await form.getByRole("textbox", { name: "Why" }).fill("known");
  await button("Hold back", form).click();
  await said("2 alerts are held back").waitFor();
  await page.keyboard.press("g");
  await page.keyboard.press("h");
  await heading("Silences").waitFor();
  await page.getByRole("row").filter({ hasText: "Bulk .*" }).filter({ hasText: "Active" }).waitFor();
  for (const key of ["j", "x"]) await page.keyboard.press(key);
  await page.getByText("1 selected").waitFor();
  await page.keyboard.press("e");
  await page.getByRole("row").filter({ hasText: "Bulk .*" }).filter({ hasText: "Over" }).waitFor();
  told("alerts are silenced while one sees what fits, and no longer");
}

async function items() {
  await page.keyboard.press("g");
  await page.keyboard.press("t");
  await heading("Items").waitFor();
  await page.keyboard.press("c");
  const create = page.getByRole("dialog", { name: "New item" });
  await create.getByRole("combobox", { name: "Class" }).fill("Application service");
  await page.getByRole("option", { name: /^Application service$/i }).click();
  await create.getByRole("textbox", { name: "Name" }).fill("d-web-2");
  await button("Create", create).click();
  await heading("d-web-2").waitFor();

  await button("Add", page.getByRole("region", { name: "Attributes" })).click();
  const attribute = page.getByRole("dialog", { name: /Add an attribute/ });
  await attribute.getByRole("combobox", { name: "Attribute" }).fill("version");
  await attribute.getByRole("textbox", { name: "Value" }).fill("2");
  await look("attribute");
  await button("Set by hand", attribute).click();
  await page.getByRole("region", { name: "Attributes" }).getByRole("button", { name: "manual" }).first().waitFor();
  told("an item is made and described by hand");

  await page.keyboard.press("r");
  const relate = page.getByRole("dialog", { name: /Relate/ });
  await relate.getByRole("combobox", { name: "Item" }).fill("d-db");
  await page.getByRole("option", { name: /^d-db / }).click();
  await button("Relate", relate).click();
  const relations = page.getByRole("region", { name: "Relations" });
  await relations.getByRole("link", { name: "d-db" }).waitFor();
  await undo("Related");
  await relations.getByRole("link", { name: "d-db" }).waitFor({ state: "detached" });
  told("a relation is made, and taken back");

  await page.keyboard.press("m");
  const merge = page.getByRole("dialog", { name: /Merge d-web-2/ });
  await merge.getByRole("combobox").fill("d-web");
  await page.getByRole("option", { name: /^d-web / }).click();
  await merge.getByRole("region", { name: "What survives" }).getByRole("row").filter({ hasText: "version" }).waitFor();
  await look("merge-items");
  await button("Merge", merge).click();
  await page.getByRole("region", { name: "Merged into it" }).waitFor();
  await button("Split…").click();
  await button("Split", page.getByRole("dialog", { name: "Split the items again" })).click();
  await page.getByRole("region", { name: "Merged into it" }).waitFor({ state: "detached" });
  told("two items are one after a look, and two again");
}

async function duplicates() {
  await page.keyboard.press("g");
  await page.keyboard.press("d");
  await heading("Duplicates").waitFor();
  await page.getByRole("row").filter({ hasText: "d-twin-A" }).waitFor();
  for (const key of ["j", "Enter"]) await page.keyboard.press(key);
  const decide = page.getByRole("dialog", { name: "One thing or two?" });
  await decide.getByRole("region", { name: "What survives" }).waitFor();
  await look("duplicate");
  await button("Different: keep both", decide).click();
  await page.getByText("Nothing to decide").waitFor();
  told("a duplicate is decided");
}
