// Shows what the server pushes, and opens the situation when it is touched.
self.addEventListener("push", (event) => {
  let m = {};
  try {
    m = event.data ? event.data.json() : {};
  } catch {
    m = { title: "Mainstay", body: event.data ? event.data.text() : "" };
  }
  const actions = m.acknowledge ? [{ action: "acknowledge", title: "Acknowledge" }] : [];
  event.waitUntil(self.registration.showNotification(m.title || "Mainstay", {
    body: m.body || "", tag: m.tag || undefined, renotify: Boolean(m.tag), requireInteraction: Boolean(m.urgent), icon: "/favicon.svg", actions, data: m,
  }));
});

self.addEventListener("notificationclick", (event) => {
  const m = event.notification.data || {};
  event.notification.close();
  // Acknowledging asks once more, on a page of its own.
  const to = event.action === "acknowledge" && m.acknowledge ? m.acknowledge : m.url || "/";
  event.waitUntil(self.clients.openWindow(to));
});
