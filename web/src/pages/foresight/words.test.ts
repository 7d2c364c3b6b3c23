import { expect, test } from "vitest";
import { unusual } from "@/components/chart/MetricChart";
import { fullSentence, nearness, selectorOf, seriesName, young } from "./words";

test("selectors quote what labels hold", () => {
  expect(selectorOf({ __name__: "up", a: 'x"y', b: "\\" })).toBe('{a="x\\"y",b="\\\\"}');
  expect(seriesName({ labels: { __name__: "up", item: "1", mode: "idle" } })).toBe("up mode=idle");
});

test("when it is full is said with what is uncertain", () => {
  const horizon = "2027-11-01T00:00:00Z";
  expect([young({ horizon }, Date.parse("2027-10-31T12:00:00Z")), young({ horizon }, Date.parse("2027-10-01T00:00:00Z"))]).toEqual([true, false]);
  expect(fullSentence({ horizon })).toContain("Not full before 2027-11-01");
  expect(fullSentence({ horizon, earliest: "2027-01-02T00:00:00Z" })).toContain("likely not before");
  expect(fullSentence({ horizon, earliest: "2027-01-02T00:00:00Z", likely: "2027-02-03T00:00:00Z" })).toContain("may also not fill");
  expect(fullSentence({ horizon, earliest: "2027-01-02T00:00:00Z", likely: "2027-02-03T00:00:00Z", latest: "2027-03-04T00:00:00Z" })).toContain("at the latest on 2027-03-04");
});

test("what is nearer is more urgent", () => {
  const now = Date.parse("2026-11-01T00:00:00Z");
  expect(nearness({ likely: "2026-11-10T00:00:00Z" }, now)).toBe("critical");
  expect(nearness({ likely: "2026-12-10T00:00:00Z" }, now)).toBe("warning");
  expect(nearness({ earliest: "2026-11-05T00:00:00Z" }, now)).toBe("warning");
  expect(nearness({}, now)).toBe("ok");
});

test("points are marked where their score says so", () => {
  const series = [{ points: [[1, 10], [2, 20]] as [number, number][] }];
  expect(unusual(series, [{ points: [[1, 0.2], [2, 0.9]] }])).toEqual([{ points: [[2, 20]] }]);
  expect(unusual(series, [])).toEqual([]);
});
