import { expect, test } from "vitest";
import { kindOf, read, spaced, written } from "./schema";

test("how a value is written", () => {
  expect(kindOf({ type: "string" }, undefined)).toBe("text");
  expect(kindOf({ type: "string", enum: ["low", "high"] }, "low")).toBe("choice");
  expect(kindOf({ type: ["integer", "null"] }, null)).toBe("number");
  expect(kindOf({ type: "array", items: { type: "string" } }, undefined)).toBe("list");
  expect(kindOf({ type: "array", items: { type: "object" } }, undefined)).toBe("json");
  expect(kindOf({}, true)).toBe("yesno");
  expect(kindOf({}, { a: 1 })).toBe("json");
});
test("what is written is read again", () => {
  for (const value of ["debian", 8, false, ["a", "b"], { a: [1] }]) {
    const kind = kindOf({}, value);
    expect(read(kind, written(kind, value))).toEqual({ value });
  }
});
test("what cannot be read says why", () => {
  expect(read("number", "eight")).toHaveProperty("wrong");
  expect(read("json", "{")).toHaveProperty("wrong");
  expect(read("text", "  ")).toHaveProperty("wrong");
  expect(spaced("memoryBytes")).toBe("memory bytes");
});
