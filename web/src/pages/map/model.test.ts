import { expect, test } from "vitest";
import type { MapNode } from "@/api/items";
import { draw, find, within } from "./model";

const node = (id: string, cls: string, severity?: MapNode["severity"]): MapNode => ({ id, name: id, class: cls, state: "active", label: cls, distance: 0, severity });
const view = { nodes: [node("a", "host"), node("b", "host", "major"), node("c", "db")], edges: [{ from: "a", to: "c", type: "depends_on" }, { from: "b", to: "c", type: "depends_on" }, { from: "a", to: "b", type: "uses" }] };

test("closed groups stand for their members", () => {
  const d = draw(view, "class", () => false);
  expect(d.nodes).toEqual([]);
  expect(d.groups.map((g) => [g.label, g.size, g.level, g.troubled])).toEqual([["db", 1, "clear", 0], ["host", 2, "major", 1]]);
  expect(d.edges).toEqual([{ id: "group host > group db", from: "group host", to: "group db", count: 2, quiet: false }]);
});

test("an open group shows its members and their edges", () => {
  const d = draw(view, "class", (g) => g === "host");
  expect(d.nodes.map((n) => [n.id, n.parent])).toEqual([["a", "group host"], ["b", "group host"]]);
  expect(d.edges.map((e) => e.id)).toEqual(["a > group db", "b > group db", "a > b"]);
});

test("find and hops", () => {
  expect(find(view.nodes, "B").map((n) => n.id)).toEqual(["b"]);
  expect(find(view.nodes, " ")).toEqual([]);
  const chain = [{ from: "1", to: "2", type: "x" }, { from: "3", to: "2", type: "x" }, { from: "3", to: "4", type: "x" }];
  expect([...within(chain, "1", 2)].sort()).toEqual(["1", "2", "3"]);
});
