import { expect, test } from "vitest";
import { visible, type Column } from "./column";

const column = (id: string, more: Partial<Column<string>> = {}): Column<string> => ({ id, label: id, width: "1fr", cell: (r) => r, text: (r) => r, ...more });
const columns = [column("a", { narrow: true }), column("b"), column("c", { hidden: true })];
const ids = (list: Column<string>[]) => list.map((c) => c.id);

test("columns: default, chosen, narrow", () => {
  expect(ids(visible(columns, undefined, false))).toEqual(["a", "b"]);
  expect(ids(visible(columns, ["c", "a"], false))).toEqual(["a", "c"]);
  expect(ids(visible(columns, undefined, true))).toEqual(["a"]);
});
test("columns: the compact form is for narrow screens", () => {
  const mark = column("m", { narrow: true, width: "6rem", compact: { width: "1rem", cell: () => "!" } });
  expect(visible([mark], undefined, true)[0]).toMatchObject({ width: "1rem", bare: true });
  expect(visible([mark], undefined, false)[0]).toMatchObject({ width: "6rem", bare: false });
});
test("columns: a quiet head is for screen readers alone, at any width", () => {
  const star = column("star", { narrow: true, quiet: true });
  for (const narrow of [true, false]) expect(visible([star], undefined, narrow)[0]).toMatchObject({ label: "star", bare: true });
});
