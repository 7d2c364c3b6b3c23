import { expect, test } from "vitest";
import { access, reads, rights, withRoles } from "./grants";

const roles = [{ name: "auditor", permissions: ["*:read"] }, { name: "operator", permissions: ["alerts:read", "alerts:act", "runs:*"] }];
const flat = (list: ReturnType<typeof rights>) => list.map((r) => `${r.resource} ${[...r.verbs].join("+")}`);

test("patterns become rows of verbs", () => {
  expect(flat(rights(["runs:*", "alerts:read", "alerts:act"]))).toEqual(["alerts read+act", "runs read+write+act+approve+admin"]);
  expect(flat(rights(["items:read", "*:read", "alerts:act"]))).toEqual(["* read", "alerts act"]);
});

test("roles everywhere and in teams", () => {
  const a = access([{ role: "auditor" }, { role: "operator", team: "t1" }], roles);
  expect([...a.keys()]).toEqual(["", "t1"]);
  expect(reads(a.get("")!, "items")).toBe(true);
  expect(reads(a.get("t1")!, "items")).toBe(false);
});

test("the roles of one team are replaced, others and those of the provider are left alone", () => {
  const grants = [{ role: "auditor", source: "local" }, { role: "operator", team: "t1", source: "local" }, { role: "manager", team: "t1", source: "oidc" }] as Parameters<typeof withRoles>[0];
  expect(withRoles(grants, "t1", ["manager"])).toEqual([{ role: "auditor", team: undefined }, { role: "manager", team: "t1" }]);
  expect(withRoles(grants, "", [])).toEqual([{ role: "operator", team: "t1" }]);
});
