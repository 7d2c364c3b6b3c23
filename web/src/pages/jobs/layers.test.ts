import { expect, test } from "vitest";
import { layers } from "./layers";

const names = (steps: { name: string; needs?: string[] }[]) => layers(steps.map((s) => ({ id: s.name, needs: s.needs }))).map((l) => l.map((s) => s.id));

test("a diamond has three columns", () => {
  expect(names([{ name: "a" }, { name: "b", needs: ["a"] }, { name: "c", needs: ["a"] }, { name: "d", needs: ["b", "c"] }])).toEqual([["a"], ["b", "c"], ["d"]]);
});
test("what is not there is ignored, and a circle ends", () => {
  expect(names([{ name: "a", needs: ["gone"] }])).toEqual([["a"]]);
  expect(names([{ name: "a", needs: ["b"] }, { name: "b", needs: ["a"] }]).flat().sort()).toEqual(["a", "b"]);
});
