import { describe, expect, test } from "vitest";
import { diffLines, hunks } from "./diff";
import { lineOf, nextIndent } from "./yaml";

const told = (before: string, after: string) => diffLines(before, after).map((l) => ({ same: " ", gone: "-", new: "+" })[l.kind] + l.text);

describe("differences", () => {
  test("changed, added and removed lines", () => {
    expect(told("a\nb\nc\n", "a\nx\nc\nd\n")).toEqual([" a", "-b", "+x", " c", "+d"]);
    expect(told("", "a\n")).toEqual(["+a"]);
    expect(told("a\n", "a\n")).toEqual([" a"]);
  });
  test("both numbers of a line", () => {
    expect(diffLines("a\nb", "b").at(-1)).toEqual({ kind: "same", text: "b", before: 2, after: 1 });
  });
  test("only what changed is kept, with its surroundings", () => {
    const before = Array.from({ length: 20 }, (_, i) => `l${i}`);
    const after = before.with(10, "new");
    expect(hunks(diffLines(before.join("\n"), after.join("\n")), 1).map((l) => l?.text)).toEqual([undefined, "l9", "l10", "new", "l11", undefined]);
  });
});

describe("YAML", () => {
  const text = "kind: Lamp\nname: one\nspec:\n  colour: red\n  parts:\n    - name: a\n      size: 1\n    - name: b\n      size: 2\n  other: {x: 1}\n---\nkind: Lamp\nspec:\n  colour: x";
  test("where a field stands", () => {
    expect(lineOf(text, "spec.colour")).toBe(4);
    expect(lineOf(text, "spec.parts[1].size")).toBe(9);
    expect(lineOf(text, "spec.parts[1].name")).toBe(8);
    expect(lineOf(text, "spec.other.y")).toBe(10);
    expect(lineOf(text, "spec.nothing")).toBe(3);
    expect(lineOf(text, "name")).toBe(2);
    expect(lineOf(text, "spec.colour", 12)).toBe(14);
  });
  test("the next line", () => {
    expect(nextIndent("  tcp:")).toBe("    ");
    expect(nextIndent("  - name: a")).toBe("    ");
    expect(nextIndent("  port: 5")).toBe("  ");
  });
});
