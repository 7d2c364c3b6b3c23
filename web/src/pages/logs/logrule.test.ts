import { expect, test } from "vitest";
import { nameOf, seriesOf, sentence, tidy } from "./logrule";

const preview = { start: "2026-11-27T10:00:00Z", end: "2026-11-27T11:00:00Z", step: 60, records: 40, groups: 2, over: 0, fired: 2, lines: [{ labels: { app: "shop" }, values: [0, 12] }], firings: [{ labels: {}, from: "2026-11-27T10:30:00Z", to: "2026-11-27T10:35:00Z", peak: 25 }, { labels: {}, from: "2026-11-27T11:00:00Z", peak: 12 }] };

test("what a rule would have done", () => {
  const event = { above: 10, severity: "major", title: "x" };
  expect(sentence(preview, { event }, "hour")).toBe("40 lines in the last hour, in 2 groups: it would have fired 2 times, and 1 still would.");
  expect(sentence({ ...preview, fired: 0, firings: [], groups: 1 }, { event }, "day")).toBe("40 lines in the last day: it would not have fired.");
  expect(sentence(preview, {}, "hour")).toBe("40 lines in the last hour, in 2 groups.");
  const start = Date.parse("2026-11-27T10:00:00Z") / 1000;
  expect(seriesOf(preview)[0]!.points).toEqual([[start + 60, 0], [start + 120, 12]]);
});

test("a document says only what is set", () => {
  expect(tidy({ query: "x", pattern: "", by: [], every: "", event: { above: 1, severity: "major", title: "t", window: "" }, disabled: false })).toEqual({ query: "x", event: { above: 1, severity: "major", title: "t", window: undefined } });
  expect(tidy({ query: "x", pattern: "ab" })).toEqual({ pattern: "ab" });
  expect(nameOf('app:="shop" "payment declined"', "-")).toBe("app-shop-payment-declined");
});
