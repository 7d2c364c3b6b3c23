import { describe, expect, test } from "vitest";
import { absolute, parseDuration, rangeLabel, resolveRange, resolveTime, shift, stepFor, widen } from "./range";
import { parseSearch, stringifySearch, validateSearch } from "./search";
import { describeCondition, nextSort, parseCondition, valuesOf, withCondition, withValues } from "./where";

const now = Date.parse("2026-11-23T12:00:00Z");

describe("time range", () => {
  test("expressions", () => {
    expect(resolveTime("now", now)).toBe(now);
    expect(resolveTime("now-90s", now)).toBe(now - 90_000);
    expect(resolveTime("2026-11-23T11:00:00Z", now)).toBe(now - 3_600_000);
    expect(resolveTime("yesterday-ish", now)).toBeUndefined();
    expect(resolveTime("now-5parsecs", now)).toBeUndefined();
    expect(parseDuration("1.5h")).toBe(5_400_000);
  });
  test("a reversed or broken range falls back", () => {
    expect(resolveRange({ from: "now", to: "now-1h" }, now)).toEqual({ from: now - 3 * 3_600_000, to: now });
    expect(resolveRange({ from: "x", to: "now" }, now).to).toBe(now);
  });
  test("shift moves half a window and stops at now", () => {
    const back = resolveRange(shift({ from: "now-2h", to: "now" }, -1, now), now);
    expect(back).toEqual({ from: now - 3 * 3_600_000, to: now - 3_600_000 });
    expect(resolveRange(shift({ from: "now-2h", to: "now" }, 1, now), now).to).toBe(now);
  });
  test("widen doubles", () => {
    const wide = resolveRange(widen(absolute(now - 3_600_000, now - 1_800_000), now), now);
    expect(wide.to - wide.from).toBe(3_600_000);
  });
  test("steps and labels", () => {
    expect(stepFor(now - 3_600_000, now, 240)).toBe(15);
    expect(stepFor(now - 30 * 86_400_000, now, 300)).toBe(14400);
    expect(rangeLabel({ from: "now-1h", to: "now" })).toBe("Last 1 hour");
    expect(rangeLabel({ from: "now-90m", to: "now" })).toBe("Last 90m");
  });
});

describe("the address", () => {
  test("round trip", () => {
    const search = { q: "db one", where: ["severity>=major", "state=open,acknowledged"], sort: "-opened" };
    const text = stringifySearch(search);
    expect(text).toBe("?q=db+one&where=severity>%3Dmajor&where=state%3Dopen,acknowledged&sort=-opened");
    expect(parseSearch(text)).toEqual(search);
  });
  test("one value of a list stays a list; unknown keys go", () => {
    expect(validateSearch(parseSearch("?where=a%3Db&nonsense=1&q="))).toEqual({ where: ["a=b"] });
  });
});

describe("conditions", () => {
  test("parse", () => {
    expect(parseCondition("severity>=major")).toEqual({ field: "severity", operator: ">=", values: ["major"] });
    expect(parseCondition("attributes.os = linux, bsd")).toEqual({ field: "attributes.os", operator: "=", values: ["linux", "bsd"] });
    expect(parseCondition("severity")).toBeUndefined();
    expect(parseCondition("=x")).toBeUndefined();
  });
  test("describe", () => {
    expect(describeCondition({ field: "state", operator: "=", values: ["open", "closed"] }, "State")).toBe("State is open or closed");
  });
  test("edit", () => {
    expect(withCondition(["a=1"], { field: "a", operator: "=", values: ["1"] })).toEqual(["a=1"]);
    expect(withValues(["state=open", "severity>=major"], "state", ["closed"])).toEqual(["severity>=major", "state=closed"]);
    expect(withValues(["state=open"], "state", [])).toBeUndefined();
    expect(valuesOf(["state=open,closed"], "state")).toEqual(["open", "closed"]);
  });
  test("sorting cycles", () => {
    expect(nextSort(undefined, "name")).toBe("name");
    expect(nextSort("name", "name")).toBe("-name");
    expect(nextSort("-name", "name")).toBeUndefined();
  });
});
