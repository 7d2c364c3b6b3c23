import { expect, test } from "vitest";
import { conditionsOf, labelsOf, labelText, selectorOf, whichOf } from "./which";

test("a selector as a class and attributes, and back", () => {
  for (const selector of ["class=host", "class=host and attributes.env=prod and attributes.osFamily=red hat"]) {
    expect(selectorOf(conditionsOf(selector)!)).toBe(selector);
  }
  expect(conditionsOf("class=host and attributes.env=prod")).toEqual({ class: "host", attributes: [["env", "prod"]] });
  for (const more of ["name~web", "class=host and name~web", "class=host,database", "class=host and attributes.env!=prod", "class=host and attributes.a=1 and name=x"]) expect(conditionsOf(more), more).toBeUndefined();
  expect(selectorOf({ class: "host", attributes: [["env", ""], ["", "x"]] })).toBe("class=host");
  expect(selectorOf({ class: "", attributes: [["env", "prod"]] })).toBe("");
});
test("which items", () => {
  expect([{}, { item: "x" }, { items: "class=host" }, { items: "name~web" }].map(whichOf)).toEqual(["all", "item", "class", "selector"]);
});
test("labels as text, and back", () => {
  expect(labelsOf("mountpoint=/, state=used")).toEqual({ mountpoint: "/", state: "used" });
  expect(labelsOf("path=/a,b, code=5")).toEqual({ path: "/a,b", code: "5" });
  expect(labelsOf("")).toEqual({});
  expect(labelsOf("mountpoint")).toBeUndefined();
  expect(labelText({ a: "1", b: "2" })).toBe("a=1, b=2");
});
