import { describe, expect, it } from "vitest";
import { span } from "./data";

describe("the points a panel asks for", () => {
  const to = Date.UTC(2026, 10, 27, 5, 18, 47), from = to - 3 * 3_600_000;

  it("lie on whole steps, so that a sliding window asks for the same again", () => {
    const [first, last] = span("timeseries", 60, from, to);
    expect([first % 60_000, last % 60_000, last - first]).toEqual([0, 0, 3 * 3_600_000]);
    expect(span("timeseries", 60, from + 5000, to + 5000)).toEqual([first, last]);
  });

  it("end at most 15 s ago where the last value is shown", () => {
    const [first, last] = span("stat", 240, from, to);
    expect(to - last).toBeLessThan(15_000);
    expect((last - first) % 240_000).toBe(0);
    expect(first).toBeLessThanOrEqual(from);
  });
});
