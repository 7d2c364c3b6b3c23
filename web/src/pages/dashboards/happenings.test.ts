import { expect, test } from "vitest";
import type { LedgerEntry } from "@/api/types";
import { concerning, happenings, marked, place, typesOf } from "./happenings";

const at = (minute: number) => new Date(Date.UTC(2026, 0, 1, 0, minute)).toISOString();
const ms = (minute: number) => Date.parse(at(minute));
let seq = 0;
const entry = (type: string, minute: number, id: string, more: Partial<LedgerEntry> = {}) =>
  ({ seq: ++seq, id: String(seq), at: at(minute), type, module: "", actor: { kind: "system", id: "", name: "" }, subject: { kind: type.split(".")[1]!, id }, summary: `${type} ${id}`, ...more }) as LedgerEntry;

test("what begins and ends is one, in whatever order it is told", () => {
  const list = [entry("events.alert.opened", 5, "a", { data: { severity: "major" } }), entry("graph.item.changed", 6, "x"), entry("events.alert.cleared", 9, "a"), entry("events.situation.opened", 10, "s", { data: { severity: "critical" } })];
  const got = happenings(list.reverse());
  expect(got.map((h) => [h.kind, h.from, h.to, h.lasts, h.level])).toEqual([["alerts", ms(5), ms(9), undefined, "major"], ["changes", ms(6), undefined, undefined, "info"], ["situations", ms(10), undefined, true, "critical"]]);
});

test("what began before is taken from its end", () => {
  const got = happenings([entry("events.alert.cleared", 9, "a", { data: { severity: "minor", openedAt: at(1) } }), entry("monitor.maintenance.ended", 9, "w", { data: { start: at(2) } }), entry("events.situation.closed", 9, "s")]);
  expect(got.map((h) => [h.from, h.to])).toEqual([[ms(1), ms(9)], [ms(2), ms(9)], [ms(9), undefined]]);
});

test("an alert that opens again is two", () => {
  const got = happenings([entry("events.alert.opened", 1, "a"), entry("events.alert.cleared", 2, "a"), entry("events.alert.opened", 3, "a")]);
  expect(got.map((h) => [h.from, h.to, h.lasts])).toEqual([[ms(1), ms(2), undefined], [ms(3), undefined, true]]);
});

test("what is near is one mark of the worst, and what is outside is none", () => {
  const list = happenings([entry("events.alert.opened", 10, "a", { data: { severity: "minor" } }), entry("events.alert.opened", 11, "b", { data: { severity: "critical" } }), entry("graph.item.changed", 50, "x"), entry("graph.item.changed", 90, "y")]);
  const got = place(list, ms(0), ms(60), 600);
  expect(got.map((m) => [m.x, m.level, m.of.length])).toEqual([[100, "critical", 2], [500, "info", 1]]);
  expect(got[0]!.spans.map((s) => s.to)).toEqual([600, 600]);
  expect(place(happenings([entry("events.alert.cleared", 70, "c", { data: { openedAt: at(5) } })]), ms(10), ms(60), 600)[0]).toMatchObject({ x: 0, spans: [{ from: 0, to: 600 }] });
});

test("a dashboard chooses what is marked", () => {
  expect(marked(undefined)).toHaveLength(4);
  expect(marked(["none"])).toEqual([]);
  expect(marked(["changes"])).toEqual(["changes"]);
  expect(typesOf(["alerts"])).toContain("events.alert.opened");
});

test("maintenance concerns its items, or everything", () => {
  const list = [entry("monitor.maintenance.started", 1, "a", { related: ["i1"] }), entry("monitor.maintenance.started", 1, "b", { related: ["i2"] }), entry("monitor.maintenance.started", 1, "c")];
  expect(concerning(list, ["i1"]).map((e) => e.subject.id)).toEqual(["a", "c"]);
});
