// Live updates: the ledger's entries as server-sent events, read with fetch
// because entries are named by their type and EventSource hears only names it
// was told beforehand.

import type { LedgerEntry } from "./types";

export type StreamState = "connecting" | "live" | "polling" | "offline";

export interface StreamEvent {
  id?: string;
  name: string;
  data: string;
}

/** Cuts text into events as the HTML standard says (server-sent events, 9.2.6). */
export function parser(emit: (e: StreamEvent) => void) {
  let rest = "";
  let id: string | undefined, name = "", data: string[] = [];
  const line = (l: string) => {
    if (l === "") {
      if (data.length) emit({ id, name: name || "message", data: data.join("\n") });
      name = "";
      data = [];
      return;
    }
    if (l.startsWith(":")) return;
    const colon = l.indexOf(":");
    const field = colon < 0 ? l : l.slice(0, colon);
    const value = colon < 0 ? "" : l.slice(colon + (l[colon + 1] === " " ? 2 : 1));
    if (field === "data") data.push(value);
    else if (field === "event") name = value;
    else if (field === "id") id = value;
  };
  return (chunk: string) => {
    rest += chunk;
    let at: number;
    while ((at = rest.indexOf("\n")) >= 0) {
      line(rest.slice(0, at).replace(/\r$/, ""));
      rest = rest.slice(at + 1);
    }
  };
}

/** Reads one stream until it ends; resolves when the server closes it. */
export async function readEvents(path: string, signal: AbortSignal, emit: (e: StreamEvent) => void, opened?: () => void, after?: string) {
  const headers: Record<string, string> = { Accept: "text/event-stream" };
  if (after) headers["Last-Event-ID"] = after;
  const response = await fetch(path, { headers, signal, credentials: "same-origin" });
  if (!response.ok || !response.body) throw new Error(`stream answered ${response.status}`);
  opened?.();
  const feed = parser(emit);
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    feed(value);
  }
}

interface Follower {
  entry: (e: LedgerEntry) => void;
  state: (s: StreamState) => void;
}

/** Follows the ledger for as long as the page lives, with growing pauses after failures. */
export function follow(path: string, to: Follower): () => void {
  const abort = new AbortController();
  let last: string | undefined;
  const run = async () => {
    let pause = 1000;
    while (!abort.signal.aborted) {
      try {
        await readEvents(path, abort.signal, (e) => {
          if (e.id) last = e.id;
          try {
            to.entry(JSON.parse(e.data) as LedgerEntry);
          } catch {
            // A comment or a keep-alive in an unknown shape is no entry.
          }
        }, () => {
          pause = 1000;
          to.state("live");
        }, last);
      } catch {
        // The state below tells; the loop tries again.
      }
      if (abort.signal.aborted) return;
      to.state(navigator.onLine ? "polling" : "offline");
      await new Promise((r) => setTimeout(r, pause * (0.75 + Math.random() / 2)));
      pause = Math.min(pause * 2, 15_000);
    }
  };
  void run();
  return () => abort.abort();
}
