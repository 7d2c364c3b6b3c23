import { addBrowser, removeBrowser } from "@/api/oncall";

/** Whether this browser can be pushed to at all: it needs a secure origin. */
export const pushable = () => "serviceWorker" in navigator && "PushManager" in window && "Notification" in window && window.isSecureContext;

export function keyBytes(base64url: string): Uint8Array<ArrayBuffer> {
  const text = atob(base64url.replaceAll("-", "+").replaceAll("_", "/"));
  const out = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) out[i] = text.charCodeAt(i);
  return out;
}

const base64url = (b: ArrayBuffer | null) => btoa(String.fromCharCode(...new Uint8Array(b ?? new ArrayBuffer(0)))).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");

/** Asks the person and the browser, and tells the server where to push to. */
export async function subscribe(key: string): Promise<void> {
  if ((await Notification.requestPermission()) !== "granted") throw new Error("The browser was told not to show notifications");
  await navigator.serviceWorker.register("/push-worker.js");
  const worker = await navigator.serviceWorker.ready;
  const s = await worker.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: keyBytes(key) });
  await addBrowser({ endpoint: s.endpoint, p256dh: base64url(s.getKey("p256dh")), auth: base64url(s.getKey("auth")) });
}

export async function unsubscribe(endpoint: string): Promise<void> {
  const worker = await navigator.serviceWorker?.getRegistration("/push-worker.js");
  const s = await worker?.pushManager.getSubscription();
  if (s?.endpoint === endpoint) await s.unsubscribe();
  await removeBrowser(endpoint);
}
