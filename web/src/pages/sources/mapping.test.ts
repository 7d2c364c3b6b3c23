import { expect, test } from "vitest";
import { labelsOf, linesOf, pretty, trimmed } from "./mapping";

test("labels are lines and lines are labels", () => {
  const labels = { env: "it.env", same: 'it.a == "b" ? "yes" : "no"' };
  expect(labelsOf(linesOf(labels))).toEqual(labels);
  expect(labelsOf("\n= x\nno sign\nname =\n")).toBeUndefined();
});

test("what is empty is left out of a mapping, the title never", () => {
  expect(trimmed({ title: "", each: "", host: "it.h", labels: undefined })).toEqual({ title: "", host: "it.h" });
});

test("a body that is no JSON is shown as it is", () => {
  expect(pretty('{"a":1}')).toBe('{\n  "a": 1\n}');
  expect(pretty("a=1&b=2")).toBe("a=1&b=2");
});
