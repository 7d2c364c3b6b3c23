import type { ReactNode } from "react";

/** One column of a list. */
export interface Column<T> {
  id: string;
  label: string;
  cell: (row: T) => ReactNode;
  /** What the cell says as text: for exports. */
  text: (row: T) => string | number | undefined;
  /** CSS grid track: "8rem", "minmax(10rem, 2fr)". */
  width: string;
  /** The field the server sorts by. */
  sort?: string;
  align?: "right";
  /** Kept when there is room for few columns. */
  narrow?: boolean;
  /** Not shown until chosen. */
  hidden?: boolean;
}

/** A field that can be filtered by, as the server knows it. */
export interface Filter {
  field: string;
  label: string;
  kind: "choice" | "severity" | "text" | "number" | "time";
  choices?: string[];
}

/** The columns to show: the chosen ones, in the order of the definition. */
export function visible<T>(columns: Column<T>[], chosen: string[] | undefined, narrow: boolean): Column<T>[] {
  const wanted = chosen?.length ? columns.filter((c) => chosen.includes(c.id)) : columns.filter((c) => !c.hidden);
  // On a small screen no track insists on its least width.
  return narrow ? wanted.filter((c) => c.narrow).map((c) => ({ ...c, width: c.width.replace(/minmax\([^,]+,/, "minmax(0,") })) : wanted;
}
