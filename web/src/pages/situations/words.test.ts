import { expect, test } from "vitest";
import type { SituationDetail } from "@/api/types";
import { historyLines, rootChoices, signWords } from "./words";

const about = (history: object[]) => ({
  id: "S1", candidates: [{ item: "I1", alert: "A1", name: "db", confidence: 1, reasons: [] }],
  members: [{ alert: { id: "A2", title: "web is down", item: "I2", itemName: "web" }, joinedAt: "", why: "" }], history,
}) as unknown as SituationDetail;
const said = (note: object) => historyLines(about([{ at: "2026-11-23T03:00:00Z", ...note }]))[0]!;

test("decisions name what they are about and who made them", () => {
  expect(said({ kind: "confirmed", to: "I1", why: "Maria says so." }).summary).toBe("Root cause confirmed: db. Maria says so.");
  expect(said({ kind: "confirmed", to: "", why: "Maria took the confirmation back." }).summary).toBe("The root cause is open again. Maria took the confirmation back.");
  expect(said({ kind: "moved", from: "item/I2", to: "item/I1", why: "Because." }).summary).toBe("Root cause moved from web to db. Because.");
  expect(said({ kind: "closed", why: "Closed by Maria." }).summary).toBe("Closed by Maria.");
});
test("what went elsewhere leads there", () => {
  expect(said({ kind: "left", from: "A2", to: "S2", why: "Moved by Maria." })).toMatchObject({ summary: "“web is down” went to another situation. Moved by Maria.", subject: { kind: "situation", id: "S2" } });
  expect(said({ kind: "merged", from: "S1", to: "S3", why: "Merged by Maria." }).subject).toEqual({ kind: "situation", id: "S3" });
  expect(said({ kind: "merged", from: "S4", to: "S1", why: "Merged by Maria." })).toMatchObject({ summary: "Another situation became part of it. Merged by Maria.", subject: { kind: "situation", id: "S4" } });
});
test("the newest is first", () => {
  const lines = historyLines(about([{ at: "2026-11-23T03:00:00Z", kind: "opened", why: "a" }, { at: "2026-11-23T03:01:00Z", kind: "closed", why: "b" }]));
  expect(lines.map((l) => l.summary)).toEqual(["b", "a"]);
});
test("every item can be the cause, once", () => {
  expect(rootChoices(about([])).map((c) => [c.value, c.label])).toEqual([["item/I1", "db"], ["item/I2", "web"]]);
});
test("what was measured is told by its reason", () => {
  expect(said({ kind: "measured", to: "item/I1", why: "Figures of 3 items speak for db." }).summary).toBe("Figures of 3 items speak for db.");
});
test("every kind of evidence has a word", () => {
  expect(Object.keys(signWords).sort()).toEqual(["address", "change", "confirmed", "inherited", "own", "path", "resource", "signal", "silence", "traffic"]);
});
