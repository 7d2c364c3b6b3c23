import { describe, expect, it } from "vitest";
import { labelsOf, textOfLabels } from "./labels";

describe("labels of an alert as people write them", () => {
  it("reads quoted and bare values", () => {
    expect(labelsOf('{severity="critical", team=db, "a b"="c, \\"d\\""}')).toEqual({ labels: { severity: "critical", team: "db", "a b": 'c, "d"' } });
    expect(labelsOf("")).toEqual({ labels: {} });
    expect(labelsOf("a=")).toEqual({ labels: { a: "" } });
  });
  it("says what it cannot read", () => {
    for (const text of ["severity", "a=b=c\"", "=x", 'a="b', "a b"]) expect(labelsOf(text).wrong, text).toBeTruthy();
  });
  it("writes what it reads", () => {
    const labels = { b: 'x"y', a: "1, 2" };
    expect(labelsOf(textOfLabels(labels)).labels).toEqual(labels);
  });
});
