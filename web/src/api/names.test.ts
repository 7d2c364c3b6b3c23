import { expect, test } from "vitest";
import { batcher } from "./names";

test("names asked for in one moment are one question", async () => {
  const asked: string[][] = [];
  const name = batcher(async (ids) => {
    asked.push(ids);
    return ids.filter((id) => id !== "gone").map((id) => ({ id, name: id.toUpperCase(), class: "host" }));
  });
  const got = await Promise.all([name("a"), name("b"), name("a"), name("gone")]);
  expect(got.map((n) => n?.name)).toEqual(["A", "B", "A", undefined]);
  expect(asked).toEqual([["a", "b", "gone"]]);
});

test("a failure reaches everyone who asked", async () => {
  const name = batcher(() => Promise.reject(new Error("down")));
  await expect(Promise.all([name("a")])).rejects.toThrow("down");
});
