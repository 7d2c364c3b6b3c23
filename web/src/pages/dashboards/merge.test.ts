import { expect, test } from "vitest";
import type { Panel, Spec } from "@/api/dashboards";
import { merge, partners } from "./merge";

const panel = (title: string, y: number, query = "up"): Panel => ({ type: "timeseries", title, at: { x: 0, y, w: 12, h: 6 }, targets: [{ query }] });
const base: Spec = { title: "Shop", tags: ["a"], panels: [panel("One", 0), panel("Two", 6), panel("Three", 12)] };
const change = (i: number, f: (p: Panel) => Panel | undefined): Spec => ({ ...base, panels: base.panels!.flatMap((p, n) => (n === i ? f(p) ?? [] : [p])) });
const titles = (s: Spec) => (s.panels ?? []).map((p) => p.title);

test("changes of different panels are both there", () => {
  const mine = change(0, (p) => ({ ...p, unit: "bytes" }));
  const theirs = { ...change(1, (p) => ({ ...p, targets: [{ query: "down" }] })), refresh: "30s" };
  const got = merge(base, mine, theirs);
  expect(got.conflicts).toEqual([]);
  expect(got.spec.refresh).toBe("30s");
  expect(got.spec.panels![0]!.unit).toBe("bytes");
  expect(got.spec.panels![1]!.targets).toEqual([{ query: "down" }]);
  expect(got.theirs).toEqual(["changed the refresh", "changed the panel “Two”"]);
});

test("what both add is both there and nothing lies on something else", () => {
  const got = merge(base, { ...base, panels: [...base.panels!, panel("Mine", 18, "m")] }, { ...base, panels: [...base.panels!, panel("Theirs", 18, "t")] });
  expect(titles(got.spec)).toEqual(["One", "Two", "Three", "Mine", "Theirs"]);
  expect(got.spec.panels!.map((p) => p.at.y)).toEqual([0, 6, 12, 18, 24]);
  expect(got.conflicts).toEqual([]);
});

test("what one removes is gone, unless the other changed it", () => {
  expect(titles(merge(base, base, change(1, () => undefined)).spec)).toEqual(["One", "Three"]);
  expect(titles(merge(base, change(1, () => undefined), base).spec)).toEqual(["One", "Three"]);
  const mine = change(1, (p) => ({ ...p, unit: "bytes" })), theirs = change(1, () => undefined);
  const got = merge(base, mine, theirs);
  expect(got.conflicts).toHaveLength(1);
  expect(titles(got.spec)).toEqual(["One", "Two", "Three"]);
  expect(titles(merge(base, mine, theirs, { [got.conflicts[0]!.key]: "theirs" }).spec)).toEqual(["One", "Three"]);
  const other = merge(base, theirs, mine);
  expect([other.conflicts.length, titles(other.spec)]).toEqual([1, ["One", "Three"]]);
  expect(titles(merge(base, theirs, mine, { [other.conflicts[0]!.key]: "theirs" }).spec)).toContain("Two");
});

test("what both changed is asked for, and either can be taken", () => {
  const mine = { ...change(2, (p) => ({ ...p, unit: "bytes" })), title: "My shop" };
  const theirs = { ...change(2, (p) => ({ ...p, unit: "count" })), title: "Their shop" };
  const got = merge(base, mine, theirs);
  expect(got.conflicts.map((c) => c.key)).toEqual(["title", "panel 2"]);
  expect([got.spec.title, got.spec.panels![2]!.unit]).toEqual(["My shop", "bytes"]);
  const other = merge(base, mine, theirs, { title: "theirs", "panel 2": "theirs" });
  expect([other.spec.title, other.spec.panels![2]!.unit]).toEqual(["Their shop", "count"]);
});

test("the same change by both is no conflict", () => {
  const both = change(0, (p) => ({ ...p, unit: "bytes" }));
  expect(merge(base, both, structuredClone(both))).toMatchObject({ conflicts: [], spec: both });
});

test("one moves a panel that the other changes", () => {
  const mine = change(2, (p) => ({ ...p, at: { ...p.at, x: 12, y: 0 } }));
  const theirs = change(2, (p) => ({ ...p, unit: "bytes" }));
  const got = merge(base, mine, theirs);
  expect(got.conflicts).toEqual([]);
  expect(got.spec.panels![2]).toMatchObject({ unit: "bytes", at: { x: 12, y: 0 } });
});

test("panels are known again after they were renamed, moved or changed", () => {
  const after = [panel("New", 0), { ...panel("Three", 0), at: { x: 12, y: 0, w: 12, h: 6 } }, panel("Two", 6, "other")];
  expect(partners(base.panels!, after)).toEqual([0, 2, 1]);
});

test("a field that one takes away stays away", () => {
  const { tags: _tags, ...without } = base;
  expect(merge(base, base, without as Spec).spec.tags).toBeUndefined();
  expect(merge(base, without as Spec, base).spec.tags).toBeUndefined();
});
