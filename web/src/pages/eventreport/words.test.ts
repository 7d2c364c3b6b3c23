import { expect, it } from "vitest";
import { change } from "./words";

it("says how much more or less than before", () => {
  expect(change(150, 100)).toBe("+50 %");
  expect(change(50, 100)).toBe("−50 %");
  expect(change(100, 100)).toBe("the same");
  expect(change(10, 0)).toBeUndefined();
  expect(change(10, undefined)).toBeUndefined();
});
