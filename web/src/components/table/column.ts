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
  /** What is shown of it, and how wide, when there is little room: its head is then left empty. */
  compact?: { width: string; cell: (row: T) => ReactNode };
  /** Its head is told to screen readers and not shown. */
  quiet?: boolean;
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

/** A column as it is drawn; a bare one has no room for its head. */
export type Shown<T> = Column<T> & { bare?: boolean };

/** The columns to show: the chosen ones, in the order of the definition. */
export function visible<T>(columns: Column<T>[], chosen: string[] | undefined, narrow: boolean): Shown<T>[] {
  const wanted = chosen?.length ? columns.filter((c) => chosen.includes(c.id)) : columns.filter((c) => !c.hidden);
  // On a small screen no track insists on its least width.
  return narrow ? wanted.filter((c) => c.narrow).map((c) => ({ ...c, ...c.compact, width: c.compact?.width ?? c.width.replace(/minmax\([^,]+,/, "minmax(0,"), bare: Boolean(c.compact ?? c.quiet) })) : wanted.map((c) => ({ ...c, bare: Boolean(c.quiet) }));
}
