import { expect, it } from "vitest";
import { change, span, spread } from "./words";

it("says how much more or less than before", () => {
  expect(change(150, 100)).toBe("+50 %");
  expect(change(50, 100)).toBe("−50 %");
  expect(change(100, 100)).toBe("the same");
  expect(change(10, 0)).toBeUndefined();
  expect(change(10, undefined)).toBeUndefined();
});

it("tells a short span from none", () => {
  expect(span({ count: 0, p50: 0, p90: 0, mean: 0 }, "p50")).toBe("–");
  expect(spread({ count: 0, p50: 0, p90: 0, mean: 0 })).toBe("none yet");
  expect(span({ count: 3, p50: 0.2, p90: 61, mean: 20 }, "p50")).toBe("under 1 s");
  expect(spread({ count: 3, p50: 0.2, p90: 61, mean: 20 })).toBe("p90 1 min, mean 20 s, of 3");
});
