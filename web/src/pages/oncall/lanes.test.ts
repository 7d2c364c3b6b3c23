import { describe, expect, it } from "vitest";
import { begin, midnights, pieces, spans, tone } from "./lanes";

const shift = (from: string, to: string) => ({ person: "ann", layer: 0, from, to });

describe("lanes", () => {
  const from = Date.parse("2026-11-02T00:00:00Z");
  const to = Date.parse("2026-11-04T00:00:00Z");
  it("cuts shifts at the edges and leaves out what is elsewhere", () => {
    const got = pieces([shift("2026-11-01T00:00:00Z", "2026-11-03T00:00:00Z"), shift("2026-11-03T12:00:00Z", "2026-11-09T00:00:00Z"), shift("2026-12-01T00:00:00Z", "2026-12-02T00:00:00Z")], from, to);
    expect(got.map((p) => [p.left, p.width])).toEqual([[0, 50], [75, 25]]);
  });
  it("places gaps", () => expect(spans([{ from: "2026-11-03T00:00:00Z", to: "2026-11-03T12:00:00Z" }], from, to)).toEqual([{ left: 50, width: 25 }]));
  it("begins weeks on Monday and months on the first", () => {
    const at = new Date(2026, 10, 27, 15).getTime();
    expect(begin("week", at, 0)).toEqual([new Date(2026, 10, 23).getTime(), new Date(2026, 10, 30).getTime()]);
    expect(begin("week", new Date(2026, 10, 29, 23).getTime(), -1)[0]).toBe(new Date(2026, 10, 16).getTime());
    expect(begin("month", at, 2)).toEqual([new Date(2027, 0, 1).getTime(), new Date(2027, 1, 1).getTime()]);
  });
  it("counts midnights by the wall, also when the clocks change", () => expect(midnights(new Date(2026, 9, 24).getTime(), new Date(2026, 9, 27).getTime())).toHaveLength(2));
  it("keeps a tone by person", () => {
    expect(tone("bob", ["ann", "bob"])).toBe(1);
    expect(tone("gone", ["ann", "bob"])).toBe(2);
  });
});
