import { lazy, Suspense, useMemo, useState } from "react";
import type { Calc } from "@/api/dashboards";
import type { Line } from "@/components/chart/Lines";
import { colourOf, palette } from "@/components/chart/palette";
import { stacked } from "../shapes";
import { reduce, shown } from "../values";
import { Happened } from "./Happened";
import classes from "./Panels.module.css";
import type { PanelProps } from "./props";

const Lines = lazy(() => import("@/components/chart/Lines"));

/** More lines than this tell nothing. */
const most = 100;
const usual: Calc[] = ["min", "max", "avg", "last"];

export default function TimeSeries({ panel: p, data, width, height, filling, onZoom }: PanelProps) {
  const [hidden, setHidden] = useState<ReadonlySet<string>>(new Set());
  const [moment, setMoment] = useState<(number | null)[]>();
  const [axis, setAxis] = useState<[left: number, width: number]>([0, 0]);
  const bound = Math.min(p.limit || most, most);
  const right = useMemo(() => {
    try {
      return p.right ? new RegExp(p.right.match) : undefined;
    } catch {
      return undefined;
    }
  }, [p.right]);
  const lines = useMemo<Line[]>(
    () => data.series.slice(0, bound).map((s, i) => ({ name: s.name, points: s.points, right: right?.test(s.name), hidden: hidden.has(s.name), colour: i })),
    [data.series, right, hidden, bound],
  );
  const visible = useMemo(() => lines.filter((l) => !l.hidden), [lines]);
  const stack = p.draw?.stack === "normal" || p.draw?.stack === "percent" ? p.draw.stack : undefined;
  const sum = useMemo(() => (stack ? (ys: (number | null)[][]) => stacked(ys, stack === "percent") : undefined), [stack]);
  const say = (v: number | null | undefined) => (stack === "percent" ? shown(v, "ratio") : shown(v, p.unit, p.decimals));
  const sayRight = (v: number | null | undefined) => shown(v, p.right?.unit || p.unit);
  const as = p.legend?.as ?? "list";
  const calcs = p.legend?.calcs?.length ? (p.legend.calcs as Calc[]) : usual;
  const rows = Math.min(lines.length, Math.max(2, Math.floor((height * 0.4) / 20)));
  const legendHeight = as === "none" ? 0 : as === "table" ? 26 + rows * 24 : lines.length > 1 || p.targets?.[0]?.legend ? Math.min(2, Math.ceil(lines.length / Math.max(1, Math.floor(width / 150)))) * 24 + 2 : 0;
  const pick = (name: string, more: boolean) =>
    setHidden((before) => {
      if (more) return new Set(before.has(name) ? [...before].filter((n) => n !== name) : [...before, name]);
      // A click shows one alone; the next one on it, all again.
      const alone = lines.every((l) => (l.name === name) !== before.has(l.name));
      return new Set(alone ? [] : lines.filter((l) => l.name !== name).map((l) => l.name));
    });
  const at = (i: number) => { const n = visible.indexOf(lines[i]!); return moment && n >= 0 ? moment[n] : undefined; };
  return (
    <>
      <div className={classes.timed}>
      <Suspense>
        <Lines lines={visible} style={p.draw?.style as "lines" | undefined} stack={sum} stepped={p.draw?.step} join={p.draw?.join} say={say} sayRight={sayRight} min={stack === "percent" ? 0 : p.min} max={stack === "percent" ? 1 : p.max}
          marks={(p.thresholds ?? []).filter((t) => t.from !== undefined && t.severity !== "clear").map((t) => ({ at: t.from!, colour: `var(--${t.severity})` }))}
          from={data.from} to={data.to} step={data.step} height={Math.max(60, height - legendHeight)} onZoom={onZoom} onCursor={(i, values) => setMoment(i === null ? undefined : values)}
          onBox={(left, w) => setAxis((was) => (was[0] === left && was[1] === w ? was : [left, w]))} />
      </Suspense>
      <Happened panel={p} data={data} filling={filling} left={axis[0]} width={axis[1]} height={Math.max(60, height - legendHeight) - 36} />
      </div>
      {legendHeight > 0 && (as === "table" ? (
        <div className={classes.legendTable} style={{ height: legendHeight }} tabIndex={0} role="region" aria-label={`Series of ${p.title || "the panel"}`}>
          <table>
            <thead><tr><th>Series</th>{calcs.map((c) => <th key={c}>{c}</th>)}</tr></thead>
            <tbody>{lines.map((l, i) => (
              <tr key={i} data-off={l.hidden || undefined}>
                <td><button type="button" onClick={(e) => pick(l.name, e.ctrlKey || e.metaKey)} aria-pressed={!l.hidden}><Swatch n={i} right={l.right} />{l.name}</button></td>
                {calcs.map((c) => <td key={c}>{c === "last" && at(i) !== undefined ? (l.right ? sayRight : say)(at(i)) : (l.right ? sayRight : (v: number | null) => shown(v, p.unit, p.decimals))(reduce(l.points, c))}</td>)}
              </tr>
            ))}</tbody>
          </table>
        </div>
      ) : (
        <div className={classes.legend} style={{ height: legendHeight }}>
          {lines.map((l, i) => (
            <button key={i} type="button" data-off={l.hidden || undefined} aria-pressed={!l.hidden} title={`${l.name}: click shows it alone, with Ctrl hides it`} onClick={(e) => pick(l.name, e.ctrlKey || e.metaKey)}>
              <Swatch n={i} right={l.right} />{l.name} <span className={classes.value}>{(l.right ? sayRight : (v: number | null | undefined) => shown(v, p.unit, p.decimals))(at(i) === undefined ? reduce(l.points) : at(i))}</span>
            </button>
          ))}
        </div>
      ))}
      {data.series.length > bound && <p className={classes.cut} role="note">{bound} of {data.series.length} series</p>}
    </>
  );
}

const Swatch = ({ n, right }: { n: number; right?: boolean }) => <span className={classes.swatch} aria-hidden="true" style={{ borderColor: colourOf(n), borderTopStyle: n >= palette ? "dashed" : "solid" }} title={right ? "axis at the right" : undefined} />;
