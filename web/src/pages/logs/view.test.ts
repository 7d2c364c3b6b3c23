import { expect, test } from "vitest";
import { columnsOf, joined, moved, nextEnd, rest, timeOf, withColumn, written } from "./view";

test("columns in the address, both ways", () => {
  expect(columnsOf(undefined)).toEqual([{ field: "host" }, { field: "app" }]);
  expect(written(columnsOf(undefined))).toBeUndefined();
  expect(columnsOf(["-"])).toEqual([]);
  expect(written([])).toEqual(["-"]);
  const wide = [{ field: "host", width: 140 }, { field: "resource.k8s.pod" }];
  expect(columnsOf(written(wide))).toEqual(wide);
  expect(columnsOf(["a@b@9", "a@b"])).toEqual([{ field: "a@b", width: 40 }, { field: "a@b" }]);
  expect(moved(wide, "host", 1).map((c) => c.field)).toEqual(["resource.k8s.pod", "host"]);
  expect(moved(wide, "host", -1)).toEqual(wide);
  expect(withColumn(wide, "host")).toEqual([{ field: "resource.k8s.pod" }]);
});

test("pages meet at a time, and nothing is doubled or lost there", () => {
  const r = (t: string, m: string) => ({ _time: t, _msg: m });
  const first = [r("5", "a"), r("4", "b"), r("3", "c")], second = [r("3", "d"), r("3", "c"), r("2", "e")];
  expect(joined([{ items: first }, { items: second }]).map((x) => x._msg)).toEqual(["a", "b", "d", "c", "e"]);
  expect(joined([{ items: first }, { items: [] }]).length).toBe(3);
  expect(nextEnd(first)).toBe("3");
  expect(nextEnd([r("3", "a"), r("3", "b")])).toBeUndefined();
  expect(nextEnd([])).toBeUndefined();
});

test("times as UTC", () => {
  expect(timeOf(Date.parse("2026-11-27T09:05:03.007Z"), true)).toBe("09:05:03.007Z");
});

test("fields that the message does not say stand behind it, trouble first", () => {
  const r = { _time: "t", _msg: "mailbox ups failed", host: "vm", app: "mainstay", level: "warn", pattern: "p1", "process.pid": "7", SYSLOG_IDENTIFIER: "x", CODE_FILE: "main.c", attempt: "3", error: "connection\n refused", mailbox: "ups", empty: "" };
  expect(rest(r, ["host", "app"])).toEqual([["error", "connection refused"], ["attempt", "3"]]);
  expect(rest(r, ["attempt"])).toEqual([["error", "connection refused"]]);
  expect(rest({ _msg: "m", a: "x".repeat(200) }, [])[0]![1]).toHaveLength(120);
  expect(rest({ _msg: "m", ...Object.fromEntries([..."abcdefghij"].map((k) => [k, k.repeat(100)])) }, []).length).toBe(2);
});
