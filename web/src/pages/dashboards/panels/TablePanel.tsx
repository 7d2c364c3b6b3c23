import { useMemo, useState } from "react";
import { RefLink } from "@/components/RefLink";
import { ItemLink } from "@/components/Names";
import { Mark } from "@/ui/Mark";
import { sorted, table } from "../shapes";
import { said } from "../values";
import classes from "./Panels.module.css";
import type { PanelProps } from "./props";

const most = 500;

/** The newest values, sorted by any column. Items are links. */
export default function TablePanel({ panel: p, data }: PanelProps) {
  const [by, setBy] = useState<{ column: string; down: boolean }>();
  const raw = useMemo(() => table(data.queries.filter((_q, i) => !p.targets?.[i]?.hidden), p.hide ?? []), [data.queries, p.hide, p.targets]);
  const at = by ? raw.columns.indexOf(by.column) : -1;
  const t = at >= 0 ? sorted(raw, at, by!.down) : raw;
  const bound = Math.min(p.limit || most, most);
  return (
    <div className={classes.scroll} tabIndex={0} role="region" aria-label={p.title || "Table"}>
      <table className={classes.table}>
        <thead><tr>{t.columns.map((c) => {
          const on = by?.column === c;
          return <th key={c} scope="col" aria-sort={on ? (by.down ? "descending" : "ascending") : undefined}><button type="button" onClick={() => setBy({ column: c, down: on ? !by.down : false })}>{c}{on ? (by.down ? " ↓" : " ↑") : ""}</button></th>;
        })}</tr></thead>
        <tbody>{t.rows.slice(0, bound).map((row, i) => (
          <tr key={i}>{row.map((cell, j) => <td key={j} data-number={typeof cell === "number" || undefined} title={typeof cell === "string" ? cell : undefined}>{typeof cell === "number" || cell === null ? <Figure v={cell} p={p} /> : t.columns[j] === "item" ? <ItemLink id={cell} /> : t.columns[j] === "check" ? <RefLink kind="check" id={cell}>{cell}</RefLink> : cell}</td>)}</tr>
        ))}</tbody>
      </table>
      {t.rows.length > bound && <p className="dim" style={{ padding: "0.25rem 0.5rem" }}>{bound} of {t.rows.length} rows</p>}
    </div>
  );
}

function Figure({ v, p }: { v: number | null; p: PanelProps["panel"] }) {
  const s = said(v, p);
  return s.level ? <span className={classes.level}><Mark level={s.level} />{s.text}</span> : <>{s.text}</>;
}
