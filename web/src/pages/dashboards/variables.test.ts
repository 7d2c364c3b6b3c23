import { describe, expect, test } from "vitest";
import type { Variable } from "@/api/dashboards";
import { chosen, everything, fill, inOrder, named, optionsOf, readValues, say, writeValues, type Filling } from "./variables";

const f: Filling = {
  values: { job: ["api"], host: ["web1", "db.2"], all: [everything], path: ['C:\\"x"'], none: [] },
  options: { all: [{ value: "a+b", text: "A" }, { value: "c", text: "C" }], job: [{ value: "api", text: "The API" }] },
  step: 30, from: 0, to: 3_600_000,
};

describe("variables in expressions", () => {
  test.each([
    ['up{job="$job"}', 'up{job="api"}'],
    ['up{job="${job}",h="[[job]]"}', 'up{job="api",h="api"}'],
    ['up{host=~"$host"}', 'up{host=~"(web1|db\\\\.2)"}'],
    ['up{x=~"$all"}', 'up{x=~"(a\\\\+b|c)"}'],
    ["${host:csv} ${host:pipe} ${host:glob} ${host:raw}", "web1,db.2 web1|db.2 {web1,db.2} web1,db.2"],
    ["${job:regex}", "api"],
    ["$path", 'C:\\\\\\"x\\"'],
    ["rate(x[$__rate_interval]) + y[$__interval] + z[$__range]", "rate(x[60s]) + y[30s] + z[3600s]"],
    ["$__range_s $__interval_ms $__from $__to", "3600 30000 0 3600000"],
    ['label_replace(x, "a", "$1", "b", "(.*)")', 'label_replace(x, "a", "$1", "b", "(.*)")'],
    ['x{a=~"b$"} $unknown', 'x{a=~"b$"} $unknown'],
  ])("%s", (text, want) => expect(fill(text, f)).toBe(want));
  test("the range's own may stay", () => expect(fill("rate($job[$__rate_interval])", f, true)).toBe("rate(api[$__rate_interval])"));
  test("people read names", () => expect(say("$job, $host and $all, $unknown", f)).toBe("The API, web1 + db.2 and all, $unknown"));
  test("which are named", () => expect(named("$a ${b:regex} [[c]] $a $1")).toEqual(["a", "b", "c"]));
});

describe("what is chosen", () => {
  const v: Variable = { name: "job", kind: "query", of: "job" };
  const options = [{ value: "a", text: "a" }, { value: "b", text: "b" }];
  test("the address, then the document, then the first", () => {
    expect(chosen({ ...v, default: ["b"] }, ["c"], options)).toEqual(["c"]);
    expect(chosen({ ...v, default: ["b"] }, undefined, options)).toEqual(["b"]);
    expect(chosen(v, undefined, options)).toEqual(["a"]);
    expect(chosen({ ...v, all: true }, undefined, options)).toEqual([everything]);
    expect(chosen(v, ["x", "y"], options)).toEqual(["x"]);
    expect(chosen(v, undefined, [])).toEqual([]);
  });
  test("the address and back", () => {
    const values = { a: ["1=2", "3"], b: [everything] };
    expect(readValues(writeValues(values))).toEqual(values);
    expect(readValues(["nonsense", "=x"])).toEqual({});
    expect(writeValues({})).toBeUndefined();
  });
  test("a regular expression keeps and cuts; a broken one keeps all", () => {
    expect(optionsOf(["web10", "web9", "db1"], "^web(.*)").map((o) => o.value)).toEqual(["9", "10"]);
    expect(optionsOf(["b", "a"], "(").map((o) => o.value)).toEqual(["a", "b"]);
  });
  test("each comes after those it needs; a circle ends", () => {
    const list: Variable[] = [{ name: "c", kind: "query", of: "c", query: 'x{b="$b"}' }, { name: "b", kind: "graph", selector: "site=$a" }, { name: "a", kind: "text" }];
    expect(inOrder(list).map((x) => x.name)).toEqual(["a", "b", "c"]);
    expect(inOrder([{ name: "a", kind: "query", of: "x", query: "$b" }, { name: "b", kind: "query", of: "x", query: "$a" }])).toHaveLength(2);
  });
});
