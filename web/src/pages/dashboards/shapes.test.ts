import { describe, expect, test } from "vitest";
import { read, type Result } from "@/api/promql";
import { begin, change, redo, undo } from "./edit/history";
import { as, fresh, kinds } from "./edit/kinds";
import { csvOf } from "./Frame";
import { heat, sorted, stacked, stretches, table } from "./shapes";
import { legendOf, mappingOf, reduce, said, shown, thresholdOf } from "./values";

const series = (labels: Record<string, string>, ...values: number[]): Result => ({ labels, points: values.map((v, i) => [i * 10, v]) });

describe("values", () => {
  test.each([
    [1536, "bytes", undefined, "1.5 KiB"], [0.256, "ratio", undefined, "25.6 %"], [1500, "milliseconds", undefined, "1.5 s"], [3, "days", undefined, "3 d"], [12.3456, "V", 1, "12.3 V"], [2048, "rpm", undefined, "2.05 k rpm"],
    [1234.5, undefined, 2, "1,234.50"], [2e6, "bits", undefined, "2 Mbit"], [Infinity, "bytes", undefined, "∞"], [NaN, "bytes", undefined, "–"], [0.5, "ratio", 2, "50.00 %"],
  ])("%d %s", (v, unit, decimals, want) => expect(shown(v, unit, decimals)).toBe(want));
  test("thresholds and words", () => {
    const thresholds = [{ severity: "clear" as const }, { from: 80, severity: "warning" as const }, { from: 95, severity: "major" as const }];
    expect([0, 80, 94.9, 95, 1e9].map((v) => thresholdOf(v, thresholds)?.severity)).toEqual(["clear", "warning", "warning", "major", "major"]);
    expect(said(1, { mappings: [{ value: "1", text: "up", severity: "clear" }], thresholds })).toEqual({ text: "up", level: "clear" });
    expect(mappingOf(4, [{ from: 3, to: 5, text: "some" }])?.text).toBe("some");
    expect(mappingOf(6, [{ from: 3, to: 5, text: "some" }])).toBeUndefined();
  });
  test("one value of a series; what is no number does not count", () => {
    const points: [number, number][] = [[0, 2], [1, NaN], [2, 6], [3, 4]];
    expect((["last", "min", "max", "avg", "sum", "first", "count"] as const).map((c) => reduce(points, c))).toEqual([4, 2, 6, 4, 12, 2, 3]);
    expect(reduce([], "avg")).toBeNull();
    expect(reduce([], "count")).toBe(0);
  });
  test("legends", () => expect(legendOf("{{ host }}: {{mode}} {{none}}", { host: "web1", mode: "user" })).toBe("web1: user"));
});

describe("shapes", () => {
  test("a table joins queries by their labels", () => {
    const t = table([{ name: "A", series: [series({ host: "a", __name__: "x" }, 1), series({ host: "b" }, 5)] }, { name: "B", series: [series({ host: "b" }, 7)] }]);
    expect(t).toEqual({ columns: ["host", "A", "B"], rows: [["a", 1, null], ["b", 5, 7]] });
    expect(sorted(t, 2, true).rows.map((r) => r[0])).toEqual(["b", "a"]);
    expect(table([{ name: "A", series: [series({ host: "a", job: "x" }, 1)] }], ["job", "A"])).toEqual({ columns: ["host"], rows: [["a"]] });
  });
  test("classic buckets become cells, counted between the bounds", () => {
    const h = heat([series({ le: "1" }, 1, 2), series({ le: "5" }, 3, 2), series({ le: "+Inf" }, 4, 2)]);
    expect(h.bounds).toEqual([0, 1, 5, Infinity]);
    expect(h.cells).toEqual([{ time: 0, low: 0, high: 1, count: 1 }, { time: 10, low: 0, high: 1, count: 2 }, { time: 0, low: 1, high: 5, count: 2 }, { time: 0, low: 5, high: Infinity, count: 1 }]);
    expect(h.most).toBe(2);
  });
  test("native histograms as the API writes them", () => {
    const r = read({ metric: {}, histograms: [[5, { count: "3", sum: "4", buckets: [[0, "0.5", "1", "1"], [0, "1", "2", "2"]] }]] });
    expect(heat([r])).toEqual({ cells: [{ time: 5, low: 0.5, high: 1, count: 1 }, { time: 5, low: 1, high: 2, count: 2 }], bounds: [0.5, 1, 2], most: 2 });
    expect(heat([series({}, 1)])).toEqual({ cells: [], bounds: [], most: 0 });
  });
  test("states join while they stay, and break at a hole", () => {
    const p = { mappings: [{ value: "1", text: "up", severity: "clear" as const }] };
    expect(stretches([[0, 1], [10, 1], [20, 0], [60, 0]], 10, p)).toEqual([
      { from: 0, to: 20, text: "up", level: "clear" }, { from: 20, to: 30, text: "0", level: undefined }, { from: 60, to: 70, text: "0", level: undefined }]);
  });
  test("stacks", () => {
    expect(stacked([[1, null, 2], [3, 4, null]], false)).toEqual([[1, 0, 2], [4, 4, 2]]);
    expect(stacked([[1, 0], [3, 0]], true)).toEqual([[0.25, 0], [1, 0]]);
    expect(stacked([[null], [null]], false)).toEqual([[null], [null]]);
  });
  test("CSV has a line for each time", () => {
    expect(csvOf({ series: [{ ...series({}, 1, 2), name: "a", target: 0 }, { labels: {}, points: [[10, 5]], name: "=b", target: 0 }] })).toBe("time,a,'=b\r\n1970-01-01T00:00:00.000Z,1,\r\n1970-01-01T00:00:10.000Z,2,5\r\n");
  });
});

describe("editing", () => {
  test("undo takes a word back, not a letter", () => {
    let h = begin({ title: "" });
    for (const title of ["a", "ab", "abc"]) h = change(h, { title }, "title");
    h = change(h, { title: "other" }, "elsewhere");
    h = undo(h);
    expect(h.now.title).toBe("abc");
    h = undo(h);
    expect(h.now.title).toBe("");
    expect(undo(h)).toBe(h);
    expect(redo(redo(h)).now.title).toBe("other");
    expect(change(h, { title: "" })).toBe(h);
  });
  test("a panel changes its type without what the other has", () => {
    const series = { ...fresh(kinds[0]!, 0), draw: { style: "area" as const }, unit: "bytes" };
    expect(as(series, "text")).toEqual({ type: "text", title: "Time series", at: series.at, unit: "bytes" });
    expect(as(fresh(kinds.find((k) => k.type === "text")!, 0), "stat").targets).toHaveLength(1);
    expect(as(series, "map").selector).toBe("class=host");
  });
});
