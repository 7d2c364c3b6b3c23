import { expect, test } from "vitest";
import type { ItemDetails } from "@/api/items";
import { compared } from "./Merge";

const item = (name: string, attributes: Record<string, unknown>, sources = {}) => ({ name, class: "host", attributes, sources }) as unknown as ItemDetails;

test("what differs is shown with what would stay, what agrees is counted", () => {
  const { rows, same } = compared(item("web1", { os: "debian", memoryBytes: 2 ** 30 }), item("web-1", { os: "debian", site: "Porto" }), item("web1", { os: "debian", memoryBytes: 2 ** 30, site: "Porto" }, { site: "snmp" }));
  expect(same).toBe(1);
  expect(rows).toEqual([
    { field: "name", stays: "web1", goes: "web-1", after: "web1", source: undefined },
    { field: "memory bytes", stays: "1 GiB", goes: "", after: "1 GiB", source: undefined },
    { field: "site", stays: "", goes: "Porto", after: "Porto", source: "snmp" },
  ]);
});
