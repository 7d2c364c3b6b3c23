import { expect, test } from "vitest";
import { bars, spark } from "./bars";
import { levelOf, withField } from "./logsql";

test("conditions are added where they hold", () => {
  expect(withField("*", "host", "a b")).toBe('host:="a b"');
  expect(withField("error", "app", "nginx", true)).toBe('error !app:="nginx"');
  expect(withField("a or b", "app", "x")).toBe('(a or b) app:="x"');
  expect(withField("error | sort by (_time)", "app", "x")).toBe('error app:="x" | sort by (_time)');
  expect(withField('error app:="x"', "app", "x")).toBe('error app:="x"');
  expect(withField("", "k8s/pod", 'say "hi"')).toBe('"k8s/pod":="say \\"hi\\""');
});

test("levels of programs on the one scale", () => {
  expect(["ERROR", "warning", "Info", "crit", "trace", undefined].map(levelOf)).toEqual(["major", "warning", "info", "critical", "unknown", "unknown"]);
});

test("buckets become stacked bars, the worst at the foot", () => {
  const [first, second] = bars([{ at: 0, counts: { error: 2, info: 6 } }, { at: 60_000, counts: { info: 4 } }], 0, 120_000, 60);
  expect(first).toMatchObject({ from: 0, to: 60_000, total: 8, x: 0, width: 0.5 });
  expect(first!.parts.map((p) => [p.level, p.y, p.height])).toEqual([["major", 0, 0.25], ["info", 0.25, 0.75]]);
  expect(second!.parts[0]).toMatchObject({ level: "info", height: 0.5 });
});

test("a spark line has a bar for each time with lines", () => {
  expect(spark([0, 10, 5, 0])).toBe("M25.00 20v-20.00h21.25v20.00zM50.00 20v-10.00h21.25v10.00z");
  expect(spark([])).toBe("");
});
