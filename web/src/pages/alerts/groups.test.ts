import { expect, test } from "vitest";
import type { AlertGroup, BulkRun } from "@/api/types";
import { progress } from "./BulkAll";
import { endOf } from "./DeedForm";
import { ordered } from "./Groups";

const group = (value: string) => ({ value, alerts: 1, severity: "major", bySeverity: {}, byState: {}, since: "2026-11-23T03:00:00Z" }) as AlertGroup;

test("groups keep their places, new ones come last", () => {
  const values = (before: string[], now: string[]) => ordered(before, now.map(group)).map((g) => g.value);
  expect(values([], ["a", "b"])).toEqual(["a", "b"]);
  expect(values(["a", "b", "c"], ["d", "c", "a"])).toEqual(["a", "c", "d"]);
});

test("when a snooze ends", () => {
  const now = new Date(2026, 10, 23, 22, 30).getTime();
  expect(endOf("60", now, undefined)).toBe(now + 3_600_000);
  expect(endOf("morning", now, undefined)).toBe(new Date(2026, 10, 24, 8).getTime());
  expect(endOf("time", now, now + 5)).toBe(now + 5);
  expect(endOf("change", now, undefined)).toBeUndefined();
});

test("how far a bulk action is", () => {
  const run = (r: Partial<BulkRun>) => progress({ id: "x", action: "clear", by: "Maria", state: "done", total: 1200, done: 1200, refused: 0, startedAt: "", ...r } as BulkRun);
  expect(run({})).toBe("Done to 1,200 of 1,200");
  expect(run({ state: "running", done: 500 })).toBe("500 of 1,200");
  expect(run({ done: 1199, refused: 1, reason: "it is cleared already" })).toBe("Done to 1,199 of 1,200, 1 not: it is cleared already");
  expect(run({ state: "broken", done: 10 })).toBe("Broken off after 10 of 1,200");
});
