import { expect, test } from "vitest";
import type { MapNode } from "@/api/items";
import { arrange, sequence } from "./arrange";
import { draw, find, tally, within } from "./model";

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
  expect(d.nodes.map((n) => [n.id, n.parent])).toEqual([["b", "group host"], ["a", "group host"]]);
  expect(d.edges.map((e) => e.id)).toEqual(["a > group db", "b > group db", "a > b"]);
});

test("find and hops", () => {
  expect(find(view.nodes, "B").map((n) => n.id)).toEqual(["b"]);
  expect(find(view.nodes, " ")).toEqual([]);
  const chain = [{ from: "1", to: "2", type: "x" }, { from: "3", to: "2", type: "x" }, { from: "3", to: "4", type: "x" }];
  expect([...within(chain, "1", 2)].sort()).toEqual(["1", "2", "3"]);
});

test("groups order, break into rows and keep their members inside", () => {
  const d = draw(view, "class", () => false);
  expect(sequence(d.groups.map((g) => g.id), d.edges)).toEqual(["group host", "group db"]);
  const circle = [{ from: "a", to: "b", count: 9 }, { from: "b", to: "c", count: 9 }, { from: "c", to: "a", count: 1 }];
  expect(sequence(["c", "b", "a"], circle)).toEqual(["a", "b", "c"]);
  const wide = arrange(d, 4), high = arrange(d, 0.3);
  expect(wide.get("group host")!.y).toBe(wide.get("group db")!.y);
  expect(high.get("group host")!.x).toBe(high.get("group db")!.x);
  const open = arrange(draw(view, "class", () => true), 1.6);
  expect([...open.keys()].sort()).toEqual(["a", "b", "c", "group db", "group host"]);
});

test("between closed groups one line stands for both directions", () => {
  const both = { ...view, edges: [...view.edges, { from: "c", to: "a", type: "uses" }] };
  expect(draw(both, "class", () => false).edges).toEqual([{ id: "group host > group db", from: "group host", to: "group db", count: 3, quiet: false, both: true }]);
});

test("the worst members come first and are counted", () => {
  const d = draw(view, "class", () => true, new Map([["host", "Hosts"]]));
  const hosts = d.groups.find((g) => g.label === "Hosts")!;
  expect(hosts.members.map((m) => m.id)).toEqual(["b", "a"]);
  expect(tally(view.nodes)).toEqual({ unknown: 2, major: 1 });
});
