import { expect, test } from "vitest";
import { touched } from "./live";
import { parser, type StreamEvent } from "./stream";

test("events arrive in any cut of the bytes", () => {
  const text = ": hello\n\nid: 7\nevent: events.alert.opened\ndata: {\"a\":1,\ndata: \"b\":2}\n\ndata: plain\r\n\r\n";
  for (let size = 1; size < text.length; size += 3) {
    const got: StreamEvent[] = [];
    const feed = parser((e) => got.push(e));
    for (let i = 0; i < text.length; i += size) feed(text.slice(i, i + size));
    expect(got).toEqual([
      { id: "7", name: "events.alert.opened", data: '{"a":1,\n"b":2}' },
      { id: "7", name: "message", data: "plain" },
    ]);
  }
});

test("an alert touches its situation and the map", () => {
  expect(touched({ subject: { kind: "alert", id: "1" } })).toEqual(["ledger", "alert", "situation", "item", "map", "summary"]);
  expect(touched({ subject: { kind: "token", id: "1" } })).toEqual(["ledger", "token"]);
});
