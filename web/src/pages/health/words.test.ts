import { expect, test } from "vitest";
import { minutes, percent, pieces } from "./words";

test("a strip has the pieces that lie in it, cut to it", () => {
  const at = (h: number) => `2026-11-23T${String(h).padStart(2, "0")}:00:00Z`;
  const past = { intervals: [{ from: at(0), to: at(2), state: "ok" as const, causes: [] }, { from: at(2), to: at(6), state: "down" as const, causes: [] }, { from: at(6), state: "ok" as const, causes: [] }] };
  const got = pieces(past, Date.parse(at(4)), Date.parse(at(8)));
  expect(got.map((p) => [p.state, p.left, p.width])).toEqual([["down", 0, 50], ["ok", 50, 50]]);
  expect(pieces(undefined, 0, 1)).toEqual([]);
});

test("figures as people read them", () => {
  expect(percent(99.9512)).toBe("99.951 %");
  expect(percent(undefined)).toBe("–");
  expect([minutes(0), minutes(0.2), minutes(59), minutes(185), minutes(3000)]).toEqual(["0 min", "under 1 min", "59 min", "3 h 5 min", "2 d 2 h"]);
});
