import { describe, expect, it } from "vitest";
import { months, percent, pieces, seconds } from "./figures";

describe("availability for people", () => {
  it("never rounds up to a hundred", () => {
    expect(percent(99.9999)).toBe("99.999 %");
    expect(percent(100)).toBe("100 %");
    expect(percent(99.9)).toBe("99.900 %");
    expect(percent(undefined)).toBe("–");
  });
  it("writes lengths", () => {
    expect(seconds(1800)).toBe("30 min");
    expect(seconds(0)).toBe("0");
    expect(seconds(undefined)).toBe("–");
  });
  it("goes back over the turn of the year", () => {
    expect(months(Date.UTC(2026, 1, 3), 3)).toEqual(["2026-02", "2026-01", "2025-12"]);
  });
  it("cuts intervals to the period and to now", () => {
    const cut = pieces([{ from: "2026-03-01T00:00:00Z", to: "2026-03-02T00:00:00Z", state: "up" }, { from: "2026-03-02T00:00:00Z", state: "down" }], "2026-03-01T12:00:00Z", "2026-03-03T12:00:00Z", Date.parse("2026-03-02T12:00:00Z"));
    expect(cut.map((p) => [p.state, p.left, p.width])).toEqual([["up", 0, 25], ["down", 25, 25]]);
  });
});
