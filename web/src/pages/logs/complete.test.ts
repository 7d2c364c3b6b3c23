import { describe, expect, test } from "vitest";
import { placeAt } from "./complete";
import { conditions, pipeAt, tokens, valueOf } from "./lex";
import { faultOf, withField, withTerm } from "./logsql";

/** The cursor is at ^. */
const at = (text: string) => placeAt(text.replace("^", ""), text.indexOf("^"));

describe("what can follow", () => {
  test("fields, at the beginning of a condition", () => {
    expect(at("^")).toMatchObject({ what: "field", from: 0, prefix: "", piped: false });
    expect(at("error ho^")).toMatchObject({ what: "field", from: 6, prefix: "ho" });
    expect(at('app:="x" ^')).toMatchObject({ what: "field", prefix: "" });
    expect(at("(a or le^)")).toMatchObject({ what: "field", prefix: "le" });
  });
  test("values, after the colon", () => {
    expect(at("level:^")).toMatchObject({ what: "value", field: "level", prefix: "", quoted: false });
    expect(at("x level:=er^ y")).toMatchObject({ what: "value", field: "level", prefix: "er", from: 9, before: "x " });
    expect(at('level:="er^')).toMatchObject({ what: "value", field: "level", prefix: "er", quoted: true });
    expect(at('"k8s/pod":="a^')).toMatchObject({ what: "value", field: "k8s/pod", prefix: "a" });
    expect(at('app:in("a", "b^')).toMatchObject({ what: "value", field: "app", prefix: "b", quoted: true });
    expect(at("app:in(^")).toMatchObject({ what: "value", field: "app" });
  });
  test("pipes and what is in them", () => {
    expect(at("error | ^")).toMatchObject({ what: "pipe", prefix: "" });
    expect(at("error | st^")).toMatchObject({ what: "pipe", prefix: "st", from: 8 });
    expect(at("error | stats co^")).toMatchObject({ what: "field", functions: true, prefix: "co" });
    expect(at("error | stats by (ap^")).toMatchObject({ what: "field", functions: false, piped: true, prefix: "ap" });
    expect(at("error | fields host, ap^")).toMatchObject({ what: "field", prefix: "ap" });
    expect(at("error | limit 1^")).toMatchObject({ what: "nothing" });
  });
  test("nothing within a phrase or a comment", () => {
    expect(at('"connection ref^')).toMatchObject({ what: "nothing" });
    expect(at("error # wh^")).toMatchObject({ what: "nothing" });
  });
});

test("a query is taken apart as the engine does it", () => {
  const kinds = (q: string) => tokens(q).filter((t) => t.kind !== "space").map((t) => `${t.kind}:${t.text}`).join(" ");
  expect(kinds('level:="error" and !app:in(a) | stats by (host) count() n # x')).toBe(
    'field:level operator:: operator:= string:"error" keyword:and operator:! field:app operator:: function:in punctuation:( word:a punctuation:) pipe:| keyword:stats keyword:by punctuation:( word:host punctuation:) function:count punctuation:( punctuation:) word:n comment:# x');
  expect(kinds("10.0.0.1 a-b 'it''s' `x|y` \"open")).toBe("number:10.0.0.1 word:a-b string:'it' string:'s' string:`x|y` broken:\"open");
  expect(pipeAt('"a|b" (c | d) | e')).toBe(14);
  expect(conditions('a "|" # x | y')).toBe('a "|"');
  expect(valueOf("\"a\\x41\\\"\"")).toBe('aA"');
});

test("conditions are put before pipes, and bound where there is an or", () => {
  expect(withField('"a | b" | stats count()', "app", "x")).toBe('"a | b" app:="x" | stats count()');
  expect(withTerm("* | fields a", 'b:="c"')).toBe('b:="c" | fields a');
  expect(withField("a (b or c)", "app", "x")).toBe('a (b or c) app:="x"');
});

test("where the engine says it is wrong", () => {
  expect(faultOf("error app:in(", "missing args for in(); context: [error app:in(]; see https://docs")).toEqual({ at: 13, text: "missing args for in()" });
  const long = `${"a ".repeat(40)}| foo x`;
  expect(faultOf(long, `unexpected pipe "foo"; context: [${long.slice(35, 85)}]`).at).toBe(85);
  expect(faultOf("x", "the log store does not answer")).toEqual({ at: -1, text: "the log store does not answer" });
});
