import { expect, test } from "vitest";
import { aligned, lonely } from "./align";
import { nameSeries } from "./MetricChart";

test("series share one axis and break over holes", () => {
  const [xs, a, b] = aligned([{ points: [[0, 1], [15, 2], [60, 3]] }, { points: [[15, 9], [60, NaN]] }], 15);
  expect(xs).toEqual([0, 15, 30, 60]);
  expect(a).toEqual([1, 2, null, 3]);
  expect(b).toEqual([null, 9, null, null]);
});

test("series are named by what differs", () => {
  const series = [{ labels: { __name__: "m", item: "x", device: "sda" } }, { labels: { __name__: "m", item: "x", device: "sdb" } }];
  expect(nameSeries(series)).toEqual(["sda", "sdb"]);
  expect(nameSeries(series.slice(0, 1))).toEqual(["m"]);
  expect(nameSeries(series, "device")).toEqual(["sda", "sdb"]);
  expect(nameSeries([{ labels: { item: "x", check: "a" } }, { labels: { item: "y", check: "b" } }])).toEqual(["a", "b"]);
  expect(nameSeries([{ labels: { item: "x", check: "a" } }, { labels: { item: "y", check: "a" } }])).toEqual(["x", "y"]);
});

test("a sample alone is shown as a point", () => {
  expect(lonely([1, null, 2, 3, null, 4])).toEqual([0, 5]);
  expect(lonely([])).toEqual([]);
});
