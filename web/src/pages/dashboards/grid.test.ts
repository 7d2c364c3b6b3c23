import { describe, expect, test } from "vitest";
import type { Panel, Place } from "@/api/dashboards";
import { clamp, drawn, move, settle } from "./grid";
import { everything, type Filling } from "./variables";

const at = (x: number, y: number, w: number, h: number): Place => ({ x, y, w, h });
const free = (places: Place[]) => places.every((a, i) => places.slice(0, i).every((b) => a.x >= b.x + b.w || b.x >= a.x + a.w || a.y >= b.y + b.h || b.y >= a.y + a.h));

describe("places", () => {
  test("stay within the grid", () => expect(clamp(at(30, -2, 40, 0))).toEqual(at(0, 0, 24, 1)));
  test("holes above are filled", () => expect(settle([at(0, 5, 12, 4), at(12, 9, 12, 4), at(0, 20, 24, 1)])).toEqual([at(0, 0, 12, 4), at(12, 0, 12, 4), at(0, 4, 24, 1)]));
  test("who is moved onto another pushes it down", () => {
    const places = [at(0, 0, 12, 8), at(12, 0, 12, 8)];
    expect(move(places, 0, at(12, 0, 12, 8))).toEqual([at(12, 0, 12, 8), at(12, 8, 12, 8)]);
  });
  test("growing pushes what is beside and below", () => {
    const moved = move([at(0, 0, 8, 4), at(8, 0, 8, 4), at(0, 4, 16, 4)], 0, at(0, 0, 16, 6));
    expect(moved[0]).toEqual(at(0, 0, 16, 6));
    expect(free(moved)).toBe(true);
  });
  test("any move leaves nothing on top of another", () => {
    let seed = 3;
    const below = (n: number) => (seed = (seed * 16807) % 2147483647) % n;
    let places = Array.from({ length: 30 }, () => clamp(at(below(24), below(40), 1 + below(12), 1 + below(8))));
    places = settle(places);
    for (let i = 0; i < 300; i++) {
      places = move(places, below(30), at(below(24), below(60), 1 + below(14), 1 + below(9)));
      expect(free(places)).toBe(true);
      expect(places.every((p) => p.x >= 0 && p.x + p.w <= 24 && p.y >= 0)).toBe(true);
    }
  });
});

describe("what is drawn", () => {
  const f: Filling = { values: { host: [everything], site: ["berlin", "oslo"] }, options: { host: ["a", "b", "c"].map((v) => ({ value: v, text: v })) }, step: 15, from: 0, to: 1 };
  const panel = (title: string, place: Place, more: Partial<Panel> = {}): Panel => ({ type: "stat", title, at: place, ...more });
  const lines = (panels: Panel[], folded = (_k: string, p: Panel) => Boolean(p.collapsed)) => drawn(panels, f, folded).map((d) => `${d.panel.title} ${d.values ? Object.values(d.values).flat().join("/") : ""} ${d.at.x},${d.at.y}`);
  test("a repeated panel is there once for each value, and the rest makes way", () => {
    expect(lines([panel("each", at(0, 0, 12, 4), { repeat: "host" }), panel("after", at(0, 4, 24, 2))])).toEqual(["each a 0,0", "each b 12,0", "each c 0,4", "after  0,8"]);
  });
  test("a repeated row takes its panels with it", () => {
    expect(lines([panel("site", at(0, 0, 24, 1), { type: "row", repeat: "site" }), panel("p", at(0, 1, 6, 3)), panel("q", at(6, 1, 6, 3))]))
      .toEqual(["site berlin 0,0", "p berlin 0,1", "q berlin 6,1", "site oslo 0,4", "p oslo 0,5", "q oslo 6,5"]);
  });
  test("a folded row hides what follows and closes the gap", () => {
    expect(lines([panel("first", at(0, 0, 24, 1), { type: "row", collapsed: true }), panel("hidden", at(0, 1, 6, 3)), panel("second", at(0, 4, 24, 1), { type: "row" }), panel("seen", at(0, 5, 6, 3))]))
      .toEqual(["first  0,0", "second  0,1", "seen  0,2"]);
  });
});
