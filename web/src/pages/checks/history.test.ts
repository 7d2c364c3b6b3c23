import { expect, test } from "vitest";
import { availability, percent, pieces } from "./history";

test("a window is cut into pieces, and what did not run is no fault", () => {
  const list = pieces([[60, 1], [120, 0.5], [240, 0]], 0, 240_000, 60);
  expect(list.map((p) => p.up)).toEqual([1, 0.5, undefined, 0]);
  expect(list[0]).toEqual({ from: 0, to: 60_000, up: 1 });
  expect(availability(list)).toBe(0.5);
  expect(availability([])).toBeUndefined();
});

test("almost all is not all", () => {
  expect(percent(0.99999)).toBe("99.99 %");
  expect(percent(1)).toBe("100 %");
  expect(percent(undefined)).toBe("–");
});
