import { expect, test } from "vitest";
import { doing, kindOf, kinds } from "./kind";

test("a check says what it does", () => {
  expect(doing({ http: { url: "https://a.example" } })).toBe("GET https://a.example");
  expect(doing({ snmp: { address: "switch", values: [{ oid: "1.3.6" }] } })).toBe("reads 1 value of switch by SNMP");
  expect(doing({ journey: { steps: [{ name: "form", url: "http://a" }, { name: "sign in", url: "http://a" }] } })).toBe("2 requests: form, sign in");
  expect(doing({ dns: { name: "a.example", dnssec: {} } })).toBe("asks the system's name server for a.example A, proven by DNSSEC");
  expect(doing({})).toBeUndefined();
  expect(kindOf({ ldap: { url: "ldap://a" } })).toBe("ldap");
  expect(kinds).toContain("browser");
});
