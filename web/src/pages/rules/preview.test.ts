import { expect, test } from "vitest";
import { previewSentence } from "./preview";

const preview = (more: object) => ({ fired: 7, complete: true, series: 3, from: "", until: "", ...more });

test("a preview in a sentence", () => {
  expect(previewSentence(preview({}), "30 days")).toBe("It would have fired 7 times in the last 30 days.");
  expect(previewSentence(preview({ fired: 1 }), "day")).toBe("It would have fired once in the last day.");
  expect(previewSentence(preview({ fired: 0, series: 0 }), "week")).toBe("It would not have fired in the last week: the expression gave no series at all.");
  expect(previewSentence(preview({ complete: false }), "week")).toBe("It would have fired 7 times in the part of the last week that there was time to look at.");
});
