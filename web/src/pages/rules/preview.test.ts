import { expect, test } from "vitest";
import { firedFirst, previewSentence, spansOf } from "./preview";

const preview = (more: object) => ({ fired: 7, complete: true, series: 3, from: "", until: "", ...more });

test("a preview in a sentence", () => {
  expect(previewSentence(preview({}), "30 days")).toBe("It would have fired 7 times in the last 30 days.");
  expect(previewSentence(preview({ fired: 1 }), "day")).toBe("It would have fired once in the last day.");
  expect(previewSentence(preview({ fired: 0, series: 0 }), "week")).toBe("It would not have fired in the last week: the expression gave no series at all.");
  expect(previewSentence(preview({ complete: false }), "week")).toBe("It would have fired 7 times in the part of the last week that there was time to look at.");
});

const episode = (from: number, to: number | undefined, labels: Record<string, string> = {}) => ({ from: new Date(from * 1000).toISOString(), to: to === undefined ? undefined : new Date(to * 1000).toISOString(), since: "", title: "", peak: 1, labels });

test("times that meet are marked once, and what still fires is marked to the end", () => {
  const until = new Date(900_000).toISOString();
  expect(spansOf({ until, episodes: [episode(500, undefined), episode(100, 200), episode(150, 300), episode(400, 410)] })).toEqual([{ from: 100, to: 300 }, { from: 400, to: 410 }, { from: 500, to: 900 }]);
});
test("series that would have fired are drawn first, those of other items not at all", () => {
  const series = [{ labels: { __name__: "m", item: "a" } }, { labels: { __name__: "m", item: "b" } }, { labels: { __name__: "m", item: "c" } }];
  const episodes = [episode(1, 2, { item: "b", site: "added" })];
  expect(firedFirst(series, { episodes }).map((s) => s.labels.item)).toEqual(["b", "a", "c"]);
  expect(firedFirst(series, { episodes, items: ["b", "c"] }).map((s) => s.labels.item)).toEqual(["b", "c"]);
});
