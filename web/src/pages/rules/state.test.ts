import { expect, test } from "vitest";
import { ruleSentence, ruleState } from "./state";

const rule = (more: object) => ({ health: "ok", firing: 0, pending: 0, spec: { expr: "x", for: "5m" }, ...more }) as Parameters<typeof ruleState>[0];

test("a rule in one word and in a sentence", () => {
  expect(ruleState(rule({}))).toBe("ok");
  expect(ruleState(rule({ health: "err", firing: 2 }))).toBe("broken");
  expect(ruleState(rule({ firing: 1, pending: 1 }))).toBe("firing");
  expect(ruleState(rule({ firing: 1, spec: { expr: "x", disabled: true } }))).toBe("disabled");
  expect(ruleState(rule({ health: "unknown" }))).toBe("waiting");
  expect(ruleSentence(rule({ firing: 1, pending: 2 }))).toBe("1 series counts, and its alert is open. 2 more are there, but not long enough yet.");
  expect(ruleSentence(rule({ pending: 1 }))).toBe("1 series is there, but counts only after 5m.");
});
