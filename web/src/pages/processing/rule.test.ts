import { describe, expect, it } from "vitest";
import { stepsOf, whenOf, yamlOfRule } from "./rule";

const counts = { declared: false, dropped: 0, failed: 0, masked: 0, matched: 0, order: 50 };

describe("a rule in words", () => {
  it("says which records it is for", () => {
    expect(whenOf({ steps: [] })).toBe("all records");
    expect(whenOf({ steps: [], when: { app: ["a", "b"], contains: "x", expression: "true" } })).toBe('app a, b; with "x"; true');
  });
  it("says what it does", () => {
    expect(stepsOf({ steps: [{ parse: { format: "json" } }, { drop: {} }, { dataset: "audit" }] })).toBe("parse json, drop, into audit");
    expect(stepsOf({ steps: [] })).toBe("nothing");
  });
  it("is a document", () => {
    expect(yamlOfRule({ ...counts, name: "default-extraction", spec: { description: "d", steps: [{ parse: { format: "auto" } }] } }))
      .toBe('kind: LogProcessing\nname: default-extraction\nspec:\n  description: "d"\n  steps:\n    - {"parse":{"format":"auto"}}\n');
  });
});
