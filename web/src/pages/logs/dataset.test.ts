import { expect, test } from "vitest";
import { parseSearch, stringifySearch, validateSearch } from "@/state/search";
import { chosenWith, said } from "./dataset";

test("datasets are chosen one by one; none and each of them are all", () => {
  const all = ["default", "shop", "audit"];
  expect(chosenWith(undefined, "shop", all)).toEqual(["shop"]);
  expect(chosenWith(["shop"], "audit", all)).toEqual(["shop", "audit"]);
  expect(chosenWith(["shop"], "shop", all)).toBeUndefined();
  expect(chosenWith(["shop", "audit"], "default", all)).toBeUndefined();
  expect(chosenWith(["gone", "shop"], "audit", all)).toEqual(["gone", "shop", "audit"]);
  expect([undefined, ["shop"], ["shop", "audit"]].map(said)).toEqual(["All datasets", "shop", "2 datasets"]);
});

test("a shared address holds the choice", () => {
  const text = stringifySearch({ q: "error", dataset: ["shop", "audit"] });
  expect(text).toBe("?q=error&dataset=shop&dataset=audit");
  expect(validateSearch(parseSearch(text))).toEqual({ q: "error", dataset: ["shop", "audit"] });
});
