import { expect, test } from "vitest";
import { selectorOf } from "./selector";

test("a target's series are those of its job and instance", () => {
  expect(selectorOf({ labels: { job: "node", instance: "a:1", region: "north" } })).toBe('{job="node",instance="a:1"}');
  expect(selectorOf({ labels: { job: 'with "quotes"' } })).toBe('{job="with \\"quotes\\""}');
});
