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
