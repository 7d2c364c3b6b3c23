import { describe, expect, test } from "vitest";
import { read, wordsOf, write, type Form, type Row } from "./form";

const row = (field: string, operator: Row["operator"], value = "", not = false): Row => ({ field, operator, not, value });
const form = (rows: Row[], words = "", without = ""): Form => ({ words, without, rows });

describe("a form and its query, both ways", () => {
  const cases: [string, Form][] = [
    ["", form([])],
    ["error", form([], "error")],
    ['error "connection refused" !debug', form([], 'error "connection refused"', "debug")],
    ['!"health check"', form([], "", '"health check"')],
    ['app:="nginx"', form([row("app", "is", "nginx")])],
    ['!app:="nginx"', form([row("app", "is", "nginx", true)])],
    ['timeout level:="error" !host:="web 1"', form([row("level", "is", "error"), row("host", "is", "web 1", true)], "timeout")],
    ["unit:ssh", form([row("unit", "contains", "ssh")])],
    ['unit:"of user"', form([row("unit", "contains", "of user")])],
    ['_msg:i("Fehler")', form([row("_msg", "anycase", "Fehler")])],
    ['path:="/api/v1"*', form([row("path", "starts", "/api/v1")])],
    ['!path:="/healthz"*', form([row("path", "starts", "/healthz", true)])],
    ['path:~"^/api/(v1|v2)"', form([row("path", "matches", "^/api/(v1|v2)")])],
    ['status:in("500","502")', form([row("status", "in", "500\n502")])],
    ['!status:in("200")', form([row("status", "in", "200", true)])],
    ["status:>=500", form([row("status", "atleast", "500")])],
    ["duration:<1.5s", form([row("duration", "below", "1.5s")])],
    ["delta:>-3", form([row("delta", "above", "-3")])],
    ["status:<=99", form([row("status", "atmost", "99")])],
    ['!user:""', form([row("user", "there")])],
    ['user:""', form([row("user", "there", "", true)])],
    ['"k8s/pod":="a\\"b"', form([row("k8s/pod", "is", 'a"b')])],
    ['resource.k8s.pod:="x"', form([row("resource.k8s.pod", "is", "x")])],
    ['host:="ü|#("', form([row("host", "is", "ü|#(")])],
  ];
  test.each(cases)("%s", (query, f) => {
    expect(write(f)).toBe(query);
    expect(read(query)).toEqual({ form: f });
  });
});

describe("other ways to write what a form says", () => {
  const cases: [string, string][] = [
    ["*", ""],
    ["error and not debug", "error !debug"],
    ["error AND -debug", "error !debug"],
    ["app:=nginx", 'app:="nginx"'],
    ["app:!=nginx", '!app:="nginx"'],
    ["app:!nginx", "!app:nginx"],
    ["not !error", "error"],
    ["host:10.0.0.1", 'host:10.0.0.1'],
    ["path:/var/log", 'path:"/var/log"'],
    ["user:*", '!user:""'],
    ["!user:*", 'user:""'],
    ["path:~`^/api/.*`", 'path:~"^/api/.*"'],
    ["app:'nginx'", "app:nginx"],
    ["status:in(500, 502)", 'status:in("500","502")'],
  ];
  test.each(cases)("%s", (query, canonical) => {
    const r = read(query);
    expect(r.why).toBeUndefined();
    expect(write(r.form!)).toBe(canonical);
  });
});

test.each([
  ["error or warning", "it joins conditions with or"],
  ["(a b)", "it groups conditions in parentheses"],
  ["error | stats count()", "it goes on with a pipe"],
  ['{app="nginx"} error', "it has a filter of streams"],
  ["err*", "the form has no words for err*"],
  ["app:ng*", "the form has no words for the condition on app"],
  ["size:range(1,5]", "the form has no words for the condition on size"],
  ["app:(a or b)", "the form has no words for the condition on app"],
  ['app:"x', "a quote is not closed"],
  ["error # why", "it has a comment"],
  ["app:", "it ends in the middle"],
  ["app:>", "the form has no words for the condition on app"],
])("no form: %s", (query, why) => {
  expect(read(query)).toEqual({ why });
});

test("words and phrases of a person", () => {
  expect(wordsOf('error  "no route" time-out "open')).toEqual(["error", "no route", "time-out", "open"]);
  expect(write(form([], "time-out a:b"))).toBe('"time-out" "a:b"');
  expect(write(form([row("", "is", "x"), row("a", "is", "")], "x"))).toBe("x");
});
