import { useMemo } from "react";
import type { LogRecord } from "@/api/types";
import type { Column } from "@/components/table/column";
import { DataTable } from "@/components/table/DataTable";

const most = 30;
const numeric = (v: string | undefined) => v === undefined || v === "" || v === "NaN" || Number.isFinite(Number(v));
/** Whole numbers with their thousands; others as far as they can be read. */
const shown = (v: string) => (/^-?\d{1,15}$/.test(v) ? Number(v).toLocaleString("en") : /^-?\d+\.\d{4,}$/.test(v) ? Number(v).toLocaleString("en", { maximumSignificantDigits: 6 }) : v);

type Numbered = { n: number; row: LogRecord };

/** What the pipes of a query made: rows that are no lines. */
export function ResultTable({ rows }: { rows: readonly LogRecord[] }) {
  const names = useMemo(() => [...new Set(rows.slice(0, 200).flatMap((r) => Object.keys(r)))].slice(0, most), [rows]);
  const list = useMemo<Numbered[]>(() => rows.map((row, n) => ({ n, row })), [rows]);
  const columns = useMemo<Column<Numbered>[]>(() => names.map((name) => ({
    id: name, label: name, width: "minmax(6rem, 1fr)", narrow: true, align: rows.every((r) => numeric(r[name])) ? "right" : undefined,
    cell: ({ row }) => { const v = row[name] ?? ""; return <span title={v} style={{ overflow: "hidden", textOverflow: "ellipsis" }}>{shown(v)}</span>; }, text: ({ row }) => row[name],
  })), [names, rows]);
  return <DataTable label="Results" columns={columns} rows={list} rowKey={(r) => String(r.n)} total={`${rows.length.toLocaleString("en")} rows`} />;
}
