// A browser is told by push: node e2e/push.mjs, run by test/e2e/push_test.go
// with the address and the sign-in in its environment. The push service is in
// this process, as no other can be reached: it opens what the server encrypted
// (RFC 8291) as a browser does, and Chromium hands it to the console's worker.
import assert from "node:assert/strict";
import { createDecipheriv, createECDH, createPublicKey, hkdfSync, randomBytes, verify } from "node:crypto";
import { once } from "node:events";
import { mkdir } from "node:fs/promises";
import { createServer } from "node:http";
import { examine, open, pictureOf, watch } from "./browser.mjs";

const { URL: base, USER_NAME: user, PASSWORD: password, SCREENSHOTS: out } = process.env;
await mkdir(out, { recursive: true });
const service = await pushService();
const browser = await open();
const complaints = [];
const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, permissions: ["notifications"] });
const page = await context.newPage();
page.setDefaultTimeout(30_000);
watch(page, complaints);
const heading = (name) => page.getByRole("heading", { level: 1, name });
const button = (name) => page.getByRole("button", { name, exact: true });

try {
  await page.goto(base);
  await page.getByRole("textbox", { name: "Name" }).fill(user);
  await page.getByRole("textbox", { name: "Password" }).fill(password);
  await button("Sign in").click();
  await heading("Overview").waitFor();
  const worker = await subscribe();
  await paged(worker);
  complaints.push(...await examine(page, "/notifications", "my-notifications", out));
} catch (e) {
  await pictureOf(page, `${out}/push-failed.png`);
  console.log(complaints.join("\n"));
  throw e;
} finally {
  await browser.close();
  service.close();
}
assert.deepEqual(complaints, []);

/** A push service with one subscription, and the secrets of the browser that has it. */
async function pushService() {
  const ecdh = createECDH("prime256v1");
  const key = ecdh.generateKeys();
  const secret = randomBytes(16);
  const arrived = [];
  let wake = () => {};
  const server = createServer((request, answer) => {
    const parts = [];
    request.on("data", (part) => parts.push(part));
    request.on("end", () => {
      arrived.push({ headers: request.headers, body: Buffer.concat(parts) });
      answer.writeHead(201).end();
      wake();
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const read = (body) => {
    const salt = body.subarray(0, 16), length = body[20], sender = body.subarray(21, 21 + length), sealed = body.subarray(21 + length);
    const ikm = hkdfSync("sha256", ecdh.computeSecret(sender), secret, Buffer.concat([Buffer.from("WebPush: info\0"), key, sender]), 32);
    const opener = createDecipheriv("aes-128-gcm", Buffer.from(hkdfSync("sha256", ikm, salt, "Content-Encoding: aes128gcm\0", 16)), Buffer.from(hkdfSync("sha256", ikm, salt, "Content-Encoding: nonce\0", 12)));
    opener.setAuthTag(sealed.subarray(-16));
    const plain = Buffer.concat([opener.update(sealed.subarray(0, -16)), opener.final()]);
    return plain.subarray(0, plain.lastIndexOf(2)).toString();
  };
  return {
    origin: `http://127.0.0.1:${server.address().port}`,
    p256dh: key.toString("base64url"), auth: secret.toString("base64url"),
    close: () => server.close(),
    /** The next message as the browser reads it, once its signature (RFC 8292) has been found good. */
    async next(applicationServerKey) {
      while (arrived.length === 0) await new Promise((resolve) => { wake = resolve; });
      const { headers, body } = arrived.shift();
      const [, token, signer] = /^vapid t=([^,]+), k=(.+)$/.exec(headers.authorization);
      assert.equal(signer, applicationServerKey);
      const point = Buffer.from(signer, "base64url");
      const publicKey = createPublicKey({ format: "jwk", key: { kty: "EC", crv: "P-256", x: point.subarray(1, 33).toString("base64url"), y: point.subarray(33).toString("base64url") } });
      const [head, claims, signature] = token.split(".");
      assert.ok(verify("sha256", Buffer.from(`${head}.${claims}`), { key: publicKey, dsaEncoding: "ieee-p1363" }, Buffer.from(signature, "base64url")));
      assert.equal(JSON.parse(Buffer.from(claims, "base64url")).aud, this.origin);
      return { urgency: headers.urgency, text: read(body) };
    },
  };
}

/** Takes this browser in, on the page where a person does it. Returns its worker, and how a message is handed to it. */
async function subscribe() {
  await page.addInitScript(({ endpoint, p256dh, auth }) => {
    const bytes = (s) => Uint8Array.from(atob(s.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0)).buffer;
    PushManager.prototype.subscribe = async (options) => {
      window.subscribedWith = btoa(String.fromCharCode(...new Uint8Array(options.applicationServerKey))).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
      return { endpoint, getKey: (name) => bytes({ p256dh, auth }[name]) };
    };
  }, { endpoint: `${service.origin}/push/1`, p256dh: service.p256dh, auth: service.auth });
  await page.goto(new URL("/notifications", base).href);
  await page.getByText("None is told yet").waitFor();
  const started = context.waitForEvent("serviceworker");
  await button("Add this one").click();
  const worker = await started;
  await button("Remove").waitFor();
  const cdp = await context.newCDPSession(page);
  const registered = new Promise((resolve) => cdp.on("ServiceWorker.workerRegistrationUpdated", (e) => e.registrations.length && resolve(e.registrations[0].registrationId)));
  await cdp.send("ServiceWorker.enable");
  const registrationId = await registered;
  return { worker, key: await page.evaluate(() => window.subscribedWith), deliver: (data) => cdp.send("ServiceWorker.deliverPushMessage", { origin: new URL(base).origin, registrationId, data }) };
}

/** A fault pages the person; the notification opens what it is about, and its button says that they have it. */
async function paged({ worker, key, deliver }) {
  await worker.evaluate(display);
  await call("PUT", "/me/notifications", { high: [{ after: "0s", channel: "push" }], low: [] });
  await call("POST", "/documents/apply", { kind: "EscalationPolicy", name: "all", spec: { gather: "0s", steps: [{ notify: [{ person: user }] }] } });
  await call("POST", "/events", { source: "test", kind: "problem", severity: "critical", key: "db", title: "The database of the shop is down" });
  const message = await service.next(key);
  assert.equal(message.urgency, "high");
  await deliver(message.text);
  const shown = await worker.evaluate(() => self.display.next());
  assert.equal(shown.title, "The database of the shop is down");
  assert.match(shown.body, /Probable cause: The database of the shop is down/);
  assert.deepEqual(shown.actions.map((a) => a.action), ["acknowledge"]);
  assert.ok(shown.requireInteraction && shown.renotify && shown.tag);
  const press = (shown, action) => worker.evaluate(([data, action]) => self.display.press(data, action), [shown.data, action]);
  const about = await press(shown, "");
  await page.goto(about);
  await heading(/The database of the shop is down/).waitFor();
  await page.goto(await press(shown, "acknowledge"));
  await button("Acknowledge").click();
  await page.getByText("Nobody else is told any more").waitFor();
  await page.goto(about);
  await page.getByText("Acknowledged by Administrator.").waitFor();
  // What is no JSON is shown all the same.
  await deliver("plain words");
  const plain = await worker.evaluate(() => self.display.next());
  assert.deepEqual([plain.title, plain.body, plain.actions], ["Mainstay", "plain words", []]);
}

/** In the worker: stands for the desktop, which this browser without a head does not have. It keeps what is shown and presses it. */
function display() {
  const shown = [];
  let wake = () => {};
  ServiceWorkerRegistration.prototype.showNotification = async (title, options) => { shown.push({ title, ...options }); wake(); };
  self.display = {
    async next() {
      while (shown.length === 0) await new Promise((resolve) => { wake = resolve; });
      return shown.shift();
    },
    press: (data, action) => new Promise((resolve, reject) => {
      let closed = false;
      Clients.prototype.openWindow = async (to) => (closed ? resolve(to) : reject(new Error("it stays open")));
      self.dispatchEvent(Object.assign(new ExtendableEvent("notificationclick"), { action, notification: { data, close: () => { closed = true; } } }));
    }),
  };
}

/** The console's own session speaks to the API. */
async function call(method, path, body) {
  const answer = await page.evaluate(async ([method, path, body]) => {
    const r = await fetch(`/api/v1${path}`, { method, headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
    return { ok: r.ok, status: r.status, text: await r.text() };
  }, [method, path, body]);
  assert.ok(answer.ok, `${method} ${path}: ${answer.status} ${answer.text}`);
}
