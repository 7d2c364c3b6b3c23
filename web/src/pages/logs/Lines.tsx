import { useMediaQuery } from "@mantine/hooks";
import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useMemo, useRef, useState, type ReactNode } from "react";
import type { LogRecord } from "@/api/types";
import { useActions } from "@/app/actions";
import { Line, type Acts } from "./Line";
import classes from "./Logs.module.css";
import { columnsOf, tracks, withColumn, written, type Shown } from "./view";

interface Props {
  records: readonly LogRecord[];
  label: string;
  chosen?: string[];
  wrap: boolean;
  utc: boolean;
  onColumns: (c: string[] | undefined) => void;
  onFilter: (field: string, value: string, not: boolean) => void;
  onRule: (pattern: string) => void;
  onZone: () => void;
  /** Told when a person reads: scrolled away from the newest, or with a line open. */
  onReading: (reading: boolean) => void;
  onEnd?: () => void;
  foot?: ReactNode;
}

/** Lines in the order they came; only those in sight are drawn. */
export function Lines({ records, label, chosen, wrap, utc, onColumns, onFilter, onRule, onZone, onReading, onEnd, foot }: Props) {
  const narrow = useMediaQuery("(max-width: 48rem)", false, { getInitialValueInEffect: false });
  const all = useMemo(() => columnsOf(chosen), [chosen]);
  const columns = useMemo(() => (narrow ? [] : all), [all, narrow]);
  const fields = useMemo(() => columns.map((c) => c.field), [columns]);
  const template = tracks(columns, utc);
  const keys = useMemo(() => keysOf(records), [records]);
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set());
  const [at, setAt] = useState<string>();
  const box = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({ count: records.length, getScrollElement: () => box.current, estimateSize: () => 24.4, overscan: 15, getItemKey: (i) => keys[i]!, useFlushSync: false });
  const shown = virtual.getVirtualItems();
  const last = shown.at(-1)?.index ?? -1;
  useEffect(() => { if (last >= records.length - 50 && records.length) onEnd?.(); }, [last, records.length, onEnd]);
  const [away, setAway] = useState(false);
  useEffect(() => onReading(away || open.size > 0), [away, open, onReading]);
  useEffect(() => () => onReading(false), [onReading]);
  // How lines are shown decides how high they are.
  useEffect(() => virtual.measure(), [wrap, template, virtual]);
  const on = useRef<Acts>(undefined!);
  on.current = {
    flip: (key) => { setAt(key); setOpen((before) => { const next = new Set(before); if (!next.delete(key)) next.add(key); return next; }); },
    filter: onFilter, rule: onRule, column: (f) => onColumns(written(withColumn(all, f))),
  };
  const move = (by: number) => {
    const i = Math.min(records.length - 1, Math.max(0, (at === undefined ? (by > 0 ? -1 : 0) : keys.indexOf(at)) + by));
    setAt(keys[i]);
    virtual.scrollToIndex(i, { align: "auto" });
  };
  useActions([
    { id: "line-next", label: "Next line", group: "View", keys: "j", quiet: true, run: () => move(1) },
    { id: "line-previous", label: "Previous line", group: "View", keys: "k", quiet: true, run: () => move(-1) },
    { id: "line-open", label: "Open the line", group: "View", keys: "o", quiet: true, run: () => at && on.current.flip(at) },
    { id: "line-newest", label: "To the newest line", group: "View", keys: "g g", quiet: true, run: () => { setOpen(new Set()); box.current?.scrollTo({ top: 0 }); } },
  ]);
  const least = narrow ? undefined : `${15 + columns.reduce((n, c) => n + (c.width ?? 120) / 16 + 0.75, 8)}rem`;
  return (
    <div ref={box} className={classes.lines} tabIndex={0} role="region" aria-label={label}
      onScroll={(e) => setAway(e.currentTarget.scrollTop > 30)}
      onKeyDown={(e) => {
        if (e.target !== e.currentTarget) return;
        if (e.key === "Enter" && at) on.current.flip(at);
        else if (e.key === "ArrowDown") move(1);
        else if (e.key === "ArrowUp") move(-1);
        else return;
        e.preventDefault();
      }}>
      <div style={{ minWidth: least }}>
        {!narrow && <Head columns={columns} template={template} utc={utc} onZone={onZone} onChange={(c) => onColumns(written(c))} />}
        <div style={{ height: virtual.getTotalSize(), position: "relative" }}>
          {shown.map((v) => {
            const key = keys[v.index]!;
            return (
              <div key={key} ref={virtual.measureElement} data-index={v.index} style={{ position: "absolute", top: 0, left: 0, right: 0, transform: `translateY(${v.start}px)` }}>
                <Line id={key} record={records[v.index]!} columns={fields} template={template} open={open.has(key)} at={key === at} wrap={wrap} utc={utc} on={on} />
              </div>
            );
          })}
        </div>
        {foot && <div className={classes.foot}>{foot}</div>}
      </div>
    </div>
  );
}

/** One name for each record that it keeps while others come before it. */
function keysOf(records: readonly LogRecord[]): string[] {
  const seen = new Map<string, number>();
  return records.map((r) => {
    const key = `${r._time} ${r._stream_id} ${r._msg?.slice(0, 64)}`;
    const n = seen.get(key) ?? 0;
    seen.set(key, n + 1);
    return n ? `${key} ${n}` : key;
  });
}

/** The names of the columns, each with an edge to draw. */
function Head({ columns, template, utc, onZone, onChange }: { columns: readonly Shown[]; template: string; utc: boolean; onZone: () => void; onChange: (c: Shown[]) => void }) {
  const drawn = useRef<{ field: string; x: number; width: number }>(undefined);
  const set = (field: string, width: number) => onChange(columns.map((c) => (c.field === field ? { ...c, width: Math.min(1200, Math.max(40, width)) } : c)));
  return (
    <div className={classes.columnsHead} style={{ gridTemplateColumns: template }}>
      <button type="button" onClick={onZone} title="The zone of the times">{utc ? "Time, UTC" : "Time"}</button>
      <span />
      {columns.map((c) => (
        <span key={c.field} className={classes.columnName}>
          <span title={c.field}>{c.field}</span>
          <button type="button" className={classes.edge} aria-label={`Width of ${c.field}`} title="Drag, or use the arrows"
            onPointerDown={(e) => { e.currentTarget.setPointerCapture(e.pointerId); drawn.current = { field: c.field, x: e.clientX, width: e.currentTarget.parentElement!.getBoundingClientRect().width }; }}
            onPointerMove={(e) => { const d = drawn.current; if (d?.field === c.field) set(c.field, d.width + e.clientX - d.x); }}
            onPointerUp={() => { drawn.current = undefined; }} onPointerCancel={() => { drawn.current = undefined; }}
            onKeyDown={(e) => {
              const by = e.key === "ArrowRight" ? 16 : e.key === "ArrowLeft" ? -16 : 0;
              if (!by) return;
              e.preventDefault();
              set(c.field, e.currentTarget.parentElement!.getBoundingClientRect().width + by);
            }} />
        </span>
      ))}
      <span>Message</span>
    </div>
  );
}
