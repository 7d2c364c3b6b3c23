import { expect, test } from "vitest";
import { complete, emptyMatcher, matchersOf, matchersOfAll, textOf, withSign } from "./matchers";

const alert = (more: object) => ({ title: "Disk is full", source: "prometheus", ...more });
const texts = (list: ReturnType<typeof matchersOf>) => list.map(textOf);

test("an alert's matchers: its item, or its labels", () => {
  expect(texts(matchersOf(alert({ item: "I1", labels: { job: "node" } })))).toEqual(['alertname="Disk is full"', 'item="I1"']);
  expect(texts(matchersOf(alert({ labels: { alertname: "DiskFull", job: "node", pid: "7", empty: "" } })))).toEqual(['alertname="DiskFull"', 'job="node"']);
});
test("several alerts: what they share, and alternatives", () => {
  expect(texts(matchersOfAll([alert({ item: "I1" }), alert({ item: "I2" })]))).toEqual(['alertname="Disk is full"', 'item=~"I1|I2"']);
  expect(texts(matchersOfAll([alert({ item: "I1" }), alert({ title: "CPU (high)", item: "I1" })]))).toEqual(['alertname=~"Disk is full|CPU \\(high\\)"', 'item="I1"']);
  expect(texts(matchersOfAll([alert({ item: "I1" }), alert({ labels: { job: "x" } })]))).toEqual(['alertname="Disk is full"']);
});
test("what is not finished does not count", () => {
  expect(complete([emptyMatcher(), { ...emptyMatcher(), name: " job " }])).toEqual([]);
  expect(texts(complete([withSign({ ...emptyMatcher(), name: " job " }, "!=")]))).toEqual(['job!=""']);
  expect(withSign(emptyMatcher(), "!~")).toMatchObject({ isEqual: false, isRegex: true });
});
