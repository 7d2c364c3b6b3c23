import { expect, test } from "vitest";
import { outcome } from "./BulkActions";

test("what was done to several alerts is one sentence", () => {
  const done = (id: string) => ({ id, done: true });
  expect(outcome("acknowledge", [done("a"), done("b")])).toEqual({ text: "2 alerts acknowledged", ok: true });
  expect(outcome("clear", [done("a"), { id: "b", done: false, error: "it is cleared already" }])).toEqual({ text: "1 alert cleared; 1 not: it is cleared already", ok: true });
  expect(outcome("clear", [{ id: "b", done: false, error: "no such alert" }]).ok).toBe(false);
});
