import { describe, expect, test } from "vitest";
import { firstQuestion } from "./Browser";
import { readHistory, remember } from "./history";
import { collect } from "./Results";

describe("explore", () => {
  test("what was asked again moves to the front, and the list is bounded", () => {
    let list = remember([], ["a"], 1);
    list = remember(list, ["b", "c"], 2);
    list = remember(list, ["a"], 3);
    expect(list).toEqual([{ exprs: ["a"], at: 3 }, { exprs: ["b", "c"], at: 2 }]);
    for (let i = 0; i < 80; i++) list = remember(list, [`q${i}`], i);
    expect(list).toHaveLength(50);
  });
  test("a history that somebody else wrote does no harm", () => {
    for (const text of ["", "{", "{}", "[1,null]", '[{"exprs":[1],"at":2}]']) expect(readHistory({ getItem: () => text })).toEqual([]);
    expect(readHistory({ getItem: () => '[{"exprs":["a"],"at":2}]' })).toHaveLength(1);
  });
  test("the first question is by the type", () => {
    expect(firstQuestion("x_total", undefined)).toBe("rate(x_total[$__rate_interval])");
    expect(firstQuestion("x", "counter")).toBe("rate(x[$__rate_interval])");
    expect(firstQuestion("x_seconds_bucket", undefined)).toContain("histogram_quantile");
    expect(firstQuestion("x", "gauge")).toBe("x");
  });
  test("series of several questions tell which one they answer", () => {
    const s = (labels: Record<string, string>) => ({ labels, points: [] as [number, number][] });
    expect(collect(["up", "1"], [[s({ job: "a" }), s({ job: "b" })], [s({})]]).map((x) => x.name)).toEqual(["A a", "A b", "B 1"]);
    expect(collect(["sum(up)"], [[s({})]]).map((x) => x.name)).toEqual(["sum(up)"]);
  });
});
