import { expect, test } from "vitest";
import { inner } from "./inner";

test("a sign-in never leads elsewhere", () => {
  expect(inner("/items?q=a")).toBe("/items?q=a");
  for (const bad of [undefined, "", "//evil.example", "/\\evil.example", "https://evil.example", "javascript:alert(1)", "/login?next=/login"]) expect(inner(bad)).toBe("/");
});
