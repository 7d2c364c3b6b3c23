import { describe, expect, it } from "vitest";
import { deeds, escalation, faultOfLookup, faultsOf, lines, moved, pairs, steps, trimmed } from "./form";

describe("event rules as a form", () => {
  it("says what a rule does", () => {
    expect(deeds({ name: "a", set: { severity: "critical", title: "event.key" }, hold: "30s", stop: true })).toEqual(["sets severity critical, title", "holds 30s", "stops"]);
    expect(deeds({ name: "a", escalate: [{ after: "5m", severity: "major" }], threshold: { count: 3, within: "1m" } })).toEqual(["from 3 within 1m", "escalates to major after 5m"]);
  });
  it("reads what it writes", () => {
    expect(pairs(lines({ a: "x == 1", b: "y" }))).toEqual({ a: "x == 1", b: "y" });
    expect(pairs(" \n=x\n")).toBeUndefined();
    expect(escalation(steps([{ after: "5m", severity: "major" }]))).toEqual([{ after: "5m", severity: "major" }]);
  });
  it("leaves out what is empty, and keeps what is switched off", () => {
    expect(trimmed({ name: "a", when: "", set: { severity: "" }, drop: false, enabled: false, labels: undefined })).toEqual({ name: "a", enabled: false });
  });
  it("finds the errors of a rule", () => {
    expect(faultsOf([{ field: "spec.rules[1].set.key", rule: "bad" }, { field: "spec.rules[10].when", rule: "no" }], 1)).toEqual({ "set.key": "bad" });
    expect(faultsOf([{ field: "spec.rules[1]", rule: "must do something" }], 1)).toEqual({ "": "must do something" });
  });
  it("tells which of the tables a fault is of", () => {
    const faults = faultsOf([{ field: "spec.rules[0].lookup[1].key", rule: "must be an expression" }, { field: "spec.rules[0].lookup[10].table", rule: "must be set" }], 0);
    expect([0, 1, 10].map((i) => faultOfLookup(faults, i))).toEqual([undefined, "must be an expression", "must be set"]);
  });
  it("moves rules", () => {
    expect(moved([1, 2, 3], 0, 2)).toEqual([2, 3, 1]);
    expect(moved([1], 0, -1)).toEqual([1]);
  });
});
