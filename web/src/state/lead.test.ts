import { expect, test } from "vitest";
import { lead } from "./lead";

test("a value runs ahead of its place until it arrives", () => {
  const ahead = lead<number>();
  let told = 0;
  const leave = ahead.subscribe(() => told++);
  const first = ahead.go("/checks", 1);
  expect([ahead.at("/checks"), ahead.at("/items"), told]).toEqual([1, undefined, 1]);
  const second = ahead.go("/checks", 2);
  first();
  expect(ahead.at("/checks"), "the arrival of an earlier value takes nothing back").toBe(2);
  second();
  expect([ahead.at("/checks"), told]).toEqual([undefined, 3]);
  leave();
  ahead.go("/checks", 3);
  expect(told).toBe(3);
});
