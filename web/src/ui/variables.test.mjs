import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const root = join(import.meta.dirname, "..");
const texts = readdirSync(root, { recursive: true }).filter((f) => /\.(css|tsx?)$/.test(f) && !/\.test\./.test(f)).map((f) => readFileSync(join(root, f), "utf8"));

/** All matches of a pattern's first group. */
const all = (pattern) => new Set(texts.flatMap((t) => [...t.matchAll(pattern)].map((m) => m[1])));

// A variable that nobody sets is no error in CSS: a background is then transparent.
test("every variable that a style uses is set somewhere", () => {
  const set = all(/(--[a-z][a-z0-9-]*)["'\]]{0,2}\s*:/g);
  const used = [...all(/var\((--[a-z][a-z0-9-]*)/g)].filter((v) => !v.startsWith("--mantine-") && !v.endsWith("-"));
  expect(used.length).toBeGreaterThan(20);
  expect(used.filter((v) => !set.has(v))).toEqual([]);
});
