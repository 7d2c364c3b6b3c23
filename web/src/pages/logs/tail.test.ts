import { expect, test } from "vitest";
import { rateOf } from "./tail";

test("the rate is that of the last seconds", () => {
  expect(rateOf([[1000, 100], [8000, 20], [9000, 30]], 10_000)).toBe(10);
  expect(rateOf([], 10_000)).toBe(0);
});
