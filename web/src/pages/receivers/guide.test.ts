import { expect, test } from "vitest";
import { hostOf, portOf, recipes } from "./guide";

test("a receiver on all addresses is reached where the console is", () => {
  expect(hostOf("[::]:5514", "ops.example.com")).toBe("ops.example.com");
  expect(hostOf("0.0.0.0:5514", "ops.example.com")).toBe("ops.example.com");
  expect(hostOf("192.0.2.1:5514", "ops.example.com")).toBe("192.0.2.1");
  expect(hostOf("[2001:db8::1]:5514", "ops.example.com")).toBe("2001:db8::1");
  expect(portOf("[::]:5514")).toBe("5514");
});

test("every line names the place to send to", () => {
  for (const name of ["syslog-udp", "syslog-tcp", "syslog-tls", "syslog-relp", "syslog-relp-tls", "snmp-traps"]) {
    const list = recipes({ name, address: "[::]:7777" }, "ops.example.com");
    expect(list.length).toBeGreaterThan(1);
    for (const r of list) {
      expect(r.lines, r.from).toContain("ops.example.com");
      expect(r.lines, r.from).toContain("7777");
    }
  }
  expect(recipes({ name: "otlp-grpc", address: ":4317" }, "h")).toEqual([]);
});
