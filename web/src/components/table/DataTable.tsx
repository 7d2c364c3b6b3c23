import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useRef, useState, type ReactNode } from "react";
import { nextSort } from "@/state/where";
import type { Column } from "./column";
import classes from "./DataTable.module.css";

interface Props<T> {
  label: string;
  columns: Column<T>[];
  rows: T[];
  rowKey: (row: T) => string;
  sort?: string;
  onSort?: (sort: string | undefined) => void;
  onOpen?: (row: T) => void;
  selected?: string;
  /** Asked when the end comes into sight. */
  onEnd?: () => void;
  more?: boolean;
  /** Rows a page may carry; unset, the table fills its container. */
  fit?: boolean;
  empty?: ReactNode;
  busy?: boolean;
  total?: string;
}

const rowHeight = 33;

/** Rows of any number: only those in sight are drawn. j and k move, Enter opens. */
export function DataTable<T>({ label, columns, rows, rowKey, sort, onSort, onOpen, selected, onEnd, more, fit, empty, busy, total }: Props<T>) {
  const scroller = useRef<HTMLDivElement>(null);
  const [at, setAt] = useState(-1);
  const virtual = useVirtualizer({ count: rows.length, getScrollElement: () => scroller.current, estimateSize: () => rowHeight, overscan: 12 });
  const shown = virtual.getVirtualItems();
  const last = shown.at(-1)?.index ?? -1;
  useEffect(() => {
    if (more && last >= rows.length - 20) onEnd?.();
  }, [last, rows.length, more, onEnd]);
  useEffect(() => setAt((i) => Math.min(i, rows.length - 1)), [rows.length]);
  useRowKeys({ count: rows.length, at, open: (i) => rows[i] && onOpen?.(rows[i]), move: (i) => {
    setAt(i);
    virtual.scrollToIndex(i, { align: "auto" });
    requestAnimationFrame(() => scroller.current?.querySelector<HTMLElement>(`[data-index="${i}"]`)?.focus({ preventScroll: true }));
  } });
  const template = { gridTemplateColumns: columns.map((c) => c.width).join(" ") };
  return (
    <div className={classes.table} data-fit={fit || undefined}>
      <div className={classes.scroller} ref={scroller}>
        <div role="table" aria-label={label} aria-rowcount={more ? -1 : rows.length} aria-busy={busy}>
        <div role="rowgroup" className={classes.head}>
          <div role="row" className={classes.row} style={template}>
            {columns.map((c) => <Head key={c.id} column={c} sort={sort} onSort={onSort} />)}
          </div>
        </div>
        <div role="rowgroup" style={{ height: virtual.getTotalSize(), position: "relative" }}>
          {shown.map((v) => {
            const row = rows[v.index]!;
            const key = rowKey(row);
            return (
              <div key={key} role="row" data-index={v.index} aria-rowindex={v.index + 1} aria-selected={onOpen ? key === selected : undefined} tabIndex={onOpen ? (v.index === Math.max(at, 0) ? 0 : -1) : undefined}
                className={classes.row} data-click={onOpen ? true : undefined} data-selected={key === selected || undefined} data-at={v.index === at || undefined}
                style={{ ...template, position: "absolute", top: 0, left: 0, right: 0, height: rowHeight, transform: `translateY(${v.start}px)` }}
                onFocus={(e) => e.target === e.currentTarget && setAt(v.index)}
                onClick={(e) => { if (onOpen && !(e.target as HTMLElement).closest("a,button,input") && !getSelection()?.toString()) onOpen(row); }}
                onKeyDown={(e) => { if (e.key === "Enter" && e.target === e.currentTarget) onOpen?.(row); }}>
                {columns.map((c) => <div key={c.id} role="cell" className={classes.cell} data-align={c.align}>{c.cell(row)}</div>)}
              </div>
            );
          })}
        </div>
        </div>
        {rows.length === 0 && !busy && empty}
      </div>
      {total && <div className={classes.foot}>{total}</div>}
    </div>
  );
}

function Head<T>({ column: c, sort, onSort }: { column: Column<T>; sort?: string; onSort?: (s: string | undefined) => void }) {
  const direction = sort === c.sort ? "ascending" : sort === `-${c.sort}` ? "descending" : undefined;
  return (
    <div role="columnheader" className={classes.cell} data-align={c.align} aria-sort={c.sort && direction ? direction : undefined}>
      {c.sort && onSort ? (
        <button type="button" className={classes.sort} onClick={() => onSort(nextSort(sort, c.sort!))}>
          {c.label}<span aria-hidden="true" className={classes.arrow}>{direction === "ascending" ? "↑" : direction === "descending" ? "↓" : ""}</span>
        </button>
      ) : c.label}
    </div>
  );
}

/** j/k and the arrows when a row has focus; j/k also from anywhere on the page that is not a field. */
function useRowKeys({ count, at, move }: { count: number; at: number; move: (i: number) => void; open: (i: number) => void }) {
  const latest = useRef({ count, at, move });
  latest.current = { count, at, move };
  useEffect(() => {
    const onKey = (e: KeyboardEvent) => {
      if (e.ctrlKey || e.metaKey || e.altKey || e.shiftKey || e.defaultPrevented) return;
      const target = e.target as HTMLElement;
      if (/^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName) || target.isContentEditable || document.querySelector("[role=dialog][aria-modal=true]")) return;
      const onRow = target.getAttribute("role") === "row";
      const step = e.key === "j" || (onRow && e.key === "ArrowDown") ? 1 : e.key === "k" || (onRow && e.key === "ArrowUp") ? -1 : 0;
      const { count, at, move } = latest.current;
      if (!step || count === 0) return;
      e.preventDefault();
      move(Math.max(0, Math.min(count - 1, at + step)));
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, []);
}
