import type { UseQueryResult } from "@tanstack/react-query";
import { useRef, useState } from "react";
import type { Bucket } from "@/api/telemetry";
import { useRange } from "@/app/range";
import { plural } from "@/format/number";
import { exact } from "@/format/time";
import { wording } from "@/ui/severity";
import { bars, type Bar } from "./bars";
import classes from "./Logs.module.css";
import { timeOf } from "./view";

/** How many lines there were over time, by level. Dragging over it zooms the page. */
export function Histogram({ query, from, to, step, utc, wrong }: { query: UseQueryResult<Bucket[]>; from: number; to: number; step: number; utc: boolean; wrong: boolean }) {
  const { zoom } = useRange();
  const box = useRef<HTMLDivElement>(null);
  const [brush, setBrush] = useState<[number, number]>();
  const [over, setOver] = useState<Bar>();
  const list = bars((!wrong && query.data) || [], from, to, step);
  const total = list.reduce((n, b) => n + b.total, 0);
  const at = (x: number) => {
    const r = box.current!.getBoundingClientRect();
    return Math.min(1, Math.max(0, (x - r.left) / r.width));
  };
  const time = (share: number) => from + share * (to - from);
  const most = Math.max(0, ...list.map((b) => b.total));
  const ticks = [0.25, 0.5, 0.75];
  return (
    <div className={classes.histogram}>
      <div ref={box} className={classes.plot} role="img" aria-label={query.data ? `${plural(total, "line")} between ${exact(from)} and ${exact(to)}, at most ${most.toLocaleString("en")} at a time` : "Lines over time"}
        onPointerDown={(e) => { if (e.button === 0) { e.currentTarget.setPointerCapture(e.pointerId); setBrush([at(e.clientX), at(e.clientX)]); } }}
        onPointerMove={(e) => { const x = at(e.clientX); if (brush) setBrush([brush[0], x]); setOver(list.find((b) => x >= b.x && x < b.x + b.width)); }}
        onPointerUp={() => {
          if (brush && Math.abs(brush[1] - brush[0]) > 0.005) zoom(time(Math.min(...brush)), time(Math.max(...brush)));
          setBrush(undefined);
        }}
        onPointerLeave={() => setOver(undefined)} onPointerCancel={() => setBrush(undefined)}>
        <svg viewBox="0 0 1 1" preserveAspectRatio="none" aria-hidden="true">
          {list.flatMap((b) => b.parts.map((p) => <rect key={`${b.from}${p.level}`} x={b.x + b.width * 0.06} width={b.width * 0.88} y={1 - (p.y + p.height) * 0.96} height={p.height * 0.96} fill={`var(--${p.level})`} opacity={p.level === "unknown" ? 0.4 : p.level === "info" ? 0.6 : 1} />))}
        </svg>
        {brush && <div className={classes.brush} style={{ left: `${Math.min(...brush) * 100}%`, width: `${Math.abs(brush[1] - brush[0]) * 100}%` }} />}
      </div>
      <div className={classes.axis} aria-hidden="true">
        {[0, ...ticks, 1].map((t) => <span key={t}>{timeOf(time(t), utc).slice(0, 5)}</span>)}
      </div>
      <div className={classes.told} role="status">
        {over ? <>{timeOf(over.from, utc).slice(0, 8)} – {timeOf(over.to, utc).slice(0, 8)}: {plural(over.total, "line")}{over.parts.map((p) => `, ${p.count.toLocaleString("en")} ${p.level === "unknown" ? "other" : wording(p.level).toLowerCase()}`)}</>
          : wrong ? "" : query.error ? query.error.message : query.data ? <>{plural(total, "line")}{total ? "; drag to zoom" : ""}</> : "Counting…"}
      </div>
    </div>
  );
}
