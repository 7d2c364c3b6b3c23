import { expect, test } from "vitest";
import { differences, without } from "./override";

test("an override says what it makes different", () => {
  expect(differences({ disabled: true })).toEqual(["not checked"]);
  expect(differences({ interval: "5m", retries: 1, severity: "minor", parameters: { path: "ping" }, measure: { http: { latency: { critical: "9s" }, match: null } } }))
    .toEqual(["every 5m", "1 retry", "severity minor", "path = ping", "http.latency.critical 9s", "without http.match"]);
  expect(differences({ item: "x", reason: "y" })).toEqual([]);
});

test("removing one keeps the others", () => {
  const spec = { overrides: [{ item: "a" }, { item: "b" }, { item: "c" }] };
  expect(without(spec, 1).overrides?.map((o) => o.item)).toEqual(["a", "c"]);
});
