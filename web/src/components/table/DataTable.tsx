import { Checkbox } from "@mantine/core";
import { useVirtualizer } from "@tanstack/react-virtual";
import { memo, useEffect, useRef, useState, type CSSProperties, type ReactNode, type RefObject } from "react";
import { writable } from "@/app/actions";
import { nextSort } from "@/state/where";
import type { Shown } from "./column";
import classes from "./DataTable.module.css";

interface Props<T> {
  label: string;
  columns: Shown<T>[];
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
  /** Rows picked to do one thing to all of them, by key; x picks the row that has the focus. */
  picked?: ReadonlySet<string>;
  onPick?: (keys: ReadonlySet<string>) => void;
}

const rowHeight = 33;

/** Rows of any number: only those in sight are drawn. j and k move, Enter opens. */
export function DataTable<T>({ label, columns, rows, rowKey, sort, onSort, onOpen, selected, onEnd, more, fit, empty, busy, total, picked, onPick }: Props<T>) {
  const scroller = useRef<HTMLDivElement>(null);
  const [at, setAt] = useState(-1);
  const scrolls = useScrolls(scroller);
  const virtual = useVirtualizer({ count: rows.length, getScrollElement: () => scroller.current, estimateSize: () => rowHeight, overscan: 6 });
  const shown = virtual.getVirtualItems();
  const last = shown.at(-1)?.index ?? -1;
  useEffect(() => {
    if (more && last >= rows.length - 20) onEnd?.();
  }, [last, rows.length, more, onEnd]);
  useEffect(() => setAt((i) => Math.min(i, rows.length - 1)), [rows.length]);
  const pick = (key: string) => onPick?.(toggled(picked, key));
  useRowKeys({ count: rows.length, at, pick: onPick && ((i) => rows[i] && pick(rowKey(rows[i]))), open: (i) => rows[i] && onOpen?.(rows[i]), move: (i) => {
    setAt(i);
    virtual.scrollToIndex(i, { align: "auto" });
    requestAnimationFrame(() => scroller.current?.querySelector<HTMLElement>(`[data-index="${i}"]`)?.focus({ preventScroll: true }));
  } });
  const tracks = [...(onPick ? ["1.125rem"] : []), ...columns.map((c) => c.width)].join(" ");
  const on = useRef<Acts<T>>(undefined!);
  on.current = { open: onOpen, pick: (row) => pick(rowKey(row)), focus: setAt };
  const all = rows.length > 0 && rows.every((r) => picked?.has(rowKey(r)));
  return (
    <div className={classes.table} data-fit={fit || undefined}>
      <div className={classes.scroller} ref={scroller} {...(scrolls && !onOpen ? { tabIndex: 0, role: "region", "aria-label": `${label}: scrolls` } : {})}>
        <div role="table" aria-label={label} aria-rowcount={more ? -1 : rows.length} aria-busy={busy} style={{ "--tracks": tracks, "--row": `${rowHeight}px` } as CSSProperties}>
        <div role="rowgroup" className={classes.head}>
          <div role="row" className={classes.row}>
            {onPick && <div role="columnheader"><Checkbox size="xs" aria-label="Select all rows" checked={all} indeterminate={!all && Boolean(picked?.size)} disabled={!rows.length} onChange={() => onPick(new Set(all ? [] : rows.map(rowKey)))} /></div>}
            {columns.map((c) => <Head key={c.id} column={c} sort={sort} onSort={onSort} />)}
          </div>
        </div>
        <div role="rowgroup" style={{ height: virtual.getTotalSize(), position: "relative" }}>
          {shown.map((v) => {
            const row = rows[v.index]!;
            const key = rowKey(row);
            return <Line key={key} row={row} index={v.index} start={v.start} columns={columns} on={on} selected={key === selected} at={v.index === at}
              clicks={Boolean(onOpen)} focusable={v.index === Math.max(at, 0)} picked={onPick && (picked?.has(key) ?? false)} />;
          })}
        </div>
        </div>
        {rows.length === 0 && !busy && empty}
      </div>
      {total && <div className={classes.foot}>{total}</div>}
    </div>
  );
}

interface Acts<T> {
  open?: (row: T) => void;
  pick: (row: T) => void;
  focus: (index: number) => void;
}

interface LineProps<T> {
  row: T;
  index: number;
  start: number;
  columns: Shown<T>[];
  on: RefObject<Acts<T>>;
  clicks: boolean;
  focusable: boolean;
  selected: boolean;
  at: boolean;
  picked?: boolean;
}

/** One row; drawn again only when it, or how it is shown, is another. */
const Line = memo(function Line<T>({ row, index, start, columns, on, clicks, focusable, selected, at, picked }: LineProps<T>) {
  return (
    <div role="row" data-index={index} aria-rowindex={index + 1} aria-selected={clicks ? selected : undefined} tabIndex={clicks ? (focusable ? 0 : -1) : undefined}
      className={classes.row} data-click={clicks || undefined} data-selected={selected || undefined} data-at={at || undefined} data-picked={picked || undefined}
      style={{ transform: `translateY(${start}px)` }}
      onFocus={(e) => e.target === e.currentTarget && on.current.focus(index)}
      onClick={(e) => { if (!(e.target as HTMLElement).closest("a,button,input,label") && !getSelection()?.toString()) on.current.open?.(row); }}
      onKeyDown={(e) => { if (e.key === "Enter" && e.target === e.currentTarget) on.current.open?.(row); }}>
      {picked !== undefined && <div role="cell" className={classes.pick}><Checkbox size="xs" tabIndex={-1} aria-label="Select this row" checked={picked} onChange={() => on.current.pick(row)} /></div>}
      {columns.map((c) => <div key={c.id} role="cell" className={classes.cell} data-align={c.align}>{c.cell(row)}</div>)}
    </div>
  );
}) as <T>(props: LineProps<T>) => ReactNode;

function Head<T>({ column: c, sort, onSort }: { column: Shown<T>; sort?: string; onSort?: (s: string | undefined) => void }) {
  const direction = sort === c.sort ? "ascending" : sort === `-${c.sort}` ? "descending" : undefined;
  return (
    <div role="columnheader" className={classes.cell} data-align={c.align} aria-sort={c.sort && direction ? direction : undefined}>
      {c.bare ? <span className="unseen">{c.label}</span> : c.sort && onSort ? (
        <button type="button" className={classes.sort} onClick={() => onSort(nextSort(sort, c.sort!))}>
          {c.label}<span aria-hidden="true" className={classes.arrow}>{direction === "ascending" ? "↑" : direction === "descending" ? "↓" : ""}</span>
        </button>
      ) : c.label}
    </div>
  );
}

/** Whether there is more than fits: then people without a mouse must be able to get to it. */
function useScrolls(box: RefObject<HTMLElement | null>): boolean {
  const [scrolls, set] = useState(false);
  useEffect(() => {
    const outer = box.current!;
    const look = new ResizeObserver(() => set(outer.scrollHeight > outer.clientHeight + 1 || outer.scrollWidth > outer.clientWidth + 1));
    look.observe(outer);
    if (outer.firstElementChild) look.observe(outer.firstElementChild);
    return () => look.disconnect();
  }, [box]);
  return scrolls;
}

/** The set with the key added, or taken out. */
export function toggled(set: ReadonlySet<string> | undefined, key: string): ReadonlySet<string> {
  const next = new Set(set);
  if (!next.delete(key)) next.add(key);
  return next;
}

/** j/k and the arrows when a row has focus; j/k also from anywhere on the page that is not a field. x picks. */
function useRowKeys({ count, at, move, pick, open }: { count: number; at: number; move: (i: number) => void; pick?: (i: number) => void; open: (i: number) => void }) {
  const latest = useRef({ count, at, move, pick, open });
  latest.current = { count, at, move, pick, open };
  useEffect(() => {
    const onKey = (e: KeyboardEvent) => {
      if (e.ctrlKey || e.metaKey || e.altKey || e.shiftKey || e.defaultPrevented) return;
      const target = e.target as HTMLElement;
      if (writable(target) || document.querySelector("[role=dialog][aria-modal=true]")) return;
      const onRow = target.getAttribute("role") === "row";
      const step = e.key === "j" || (onRow && e.key === "ArrowDown") ? 1 : e.key === "k" || (onRow && e.key === "ArrowUp") ? -1 : 0;
      const { count, at, move, pick, open } = latest.current;
      // Pressed right after j, before the row has the focus.
      if (e.key === "Enter" && at >= 0 && target === document.body) {
        e.preventDefault();
        open(at);
        return;
      }
      if (e.key === "x" && pick && at >= 0) {
        e.preventDefault();
        pick(at);
        return;
      }
      if (!step || count === 0) return;
      e.preventDefault();
      move(Math.max(0, Math.min(count - 1, at + step)));
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, []);
}
