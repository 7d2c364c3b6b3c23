import { expect, test } from "vitest";
import { collapsed, without, type Line } from "./Timeline";

const line = (id: string, summary: string, subject = "s"): Line => ({ id, at: "2026-11-23T03:00:00Z", summary, subject: { kind: "situation", id: subject } });

test("what is said again of the same record is counted, and the newest stands for it", () => {
  const out = collapsed([line("4", "changed"), line("3", "changed"), line("2", "changed", "other"), line("1", "changed")]);
  expect(out.map((o) => [o.entry.id, o.times])).toEqual([["4", 2], ["2", 1], ["1", 1]]);
});
test("a record's own page does not repeat its title", () => {
  expect(without("Disk is full", "Disk is full: its severity went up")).toBe("Its severity went up");
  expect(without("Disk is full", "Acknowledged")).toBe("Acknowledged");
});
