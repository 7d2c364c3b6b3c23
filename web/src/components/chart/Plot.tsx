import { useElementSize, useScheme } from "./size";
import { useEffect, useMemo, useRef, useState } from "react";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import type { Series } from "@/api/telemetry";
import { withUnit, type Unit } from "@/format/number";
import { aligned, lonely } from "./align";
import classes from "./MetricChart.module.css";

interface Props {
  series: Series[];
  names: string[];
  unit: Unit;
  from: number;
  to: number;
  step: number;
  height: number;
  min?: number;
  max?: number;
  onZoom: (from: number, to: number) => void;
  /** What is usual or possible: an area between two lines, under the series. */
  band?: Band;
  /** Points that are told apart, on their series. */
  marks?: Pick<Series, "points">[];
  /** Times that are told apart, in seconds, behind the series. */
  spans?: Span[];
  /** A value that is compared with: drawn across. */
  threshold?: number;
}

export interface Span {
  from: number;
  to: number;
}

export interface Band {
  low: Pick<Series, "points">[];
  high: Pick<Series, "points">[];
}

const none: Pick<Series, "points">[] = [];

/** The ends of the value axis; never empty, and whole when a line lies flat. */
function extent(lo: number | null, hi: number | null, min?: number, max?: number): [number, number] {
  const low = Math.min(min ?? lo ?? 0, lo ?? 0);
  const high = Math.max(max ?? hi ?? 1, hi ?? 1);
  return high <= low ? [low, low + 1] : [low, max === undefined ? low + (high - low) * 1.05 : high];
}

/** What lies behind the series: times that stand out, and the value that is compared with. */
function paint(u: uPlot, { spans, threshold }: { spans?: Span[]; threshold?: number }, css: (name: string) => string) {
  const { ctx } = u, { left, top, width, height } = u.bbox;
  ctx.save();
  ctx.beginPath();
  ctx.rect(left, top, width, height);
  ctx.clip();
  ctx.fillStyle = css("--major") + "38";
  for (const s of spans ?? []) {
    const from = u.valToPos(s.from, "x", true);
    // A short one is still to be seen.
    ctx.fillRect(from, top, Math.max(u.valToPos(s.to, "x", true) - from, 2 * devicePixelRatio), height);
  }
  if (threshold !== undefined) {
    const y = Math.round(u.valToPos(threshold, "y", true)) + 0.5;
    ctx.strokeStyle = css("--major");
    ctx.lineWidth = devicePixelRatio;
    ctx.setLineDash([6 * devicePixelRatio, 4 * devicePixelRatio]);
    ctx.beginPath();
    ctx.moveTo(left, y);
    ctx.lineTo(left + width, y);
    ctx.stroke();
  }
  ctx.restore();
}

const dashes = [[], [6, 3], [2, 3]];
const colours = 8;

/** The canvas of a chart. Series beyond eight repeat the colours with dashes. */
export default function Plot({ series, names, unit, from, to, step, height, min, max, onZoom, band, marks = none, spans, threshold }: Props) {
  const [box, width] = useElementSize();
  const scheme = useScheme();
  const plot = useRef<uPlot>(undefined);
  const [cursor, setCursor] = useState<number | null>(null);
  const low = band?.low ?? none, high = band?.high ?? none;
  const data = useMemo(() => aligned([...series, ...low, ...high, ...marks], step), [series, low, high, marks, step]);
  const behind = useRef({ spans, threshold });
  behind.current = { spans, threshold };
  const zoom = useRef(onZoom);
  zoom.current = onZoom;
  const shape = `${names.join("\u0000")} ${unit} ${scheme} ${height} ${min} ${max} ${low.length} ${high.length} ${marks.length} ${threshold}`;
  useEffect(() => {
    if (!box.current || width < 40) return;
    const style = getComputedStyle(document.documentElement);
    const css = (name: string) => style.getPropertyValue(name).trim();
    const axis: uPlot.Axis = { stroke: css("--text-2"), grid: { stroke: css("--line"), width: 1 }, ticks: { show: false }, font: "11px system-ui, sans-serif" };
    const chart = new uPlot(
      {
        width, height,
        legend: { show: false },
        cursor: { y: false, points: { size: 6 }, drag: { x: true, y: false, setScale: false }, sync: { key: "time" } },
        scales: { x: { time: true }, y: { range: (_u, lo, hi) => extent(threshold === undefined ? lo : Math.min(lo ?? threshold, threshold), threshold === undefined ? hi : Math.max(hi ?? threshold, threshold), min, max) } },
        axes: [
          { ...axis, size: 36, space: 70, values: [[86400, "{MMM} {D}", null, null, null, null, null, null, 1], [3600, "{HH}:{mm}", "\n{MMM} {D}", null, "\n{MMM} {D}", null, null, null, 1], [60, "{HH}:{mm}", null, null, null, null, null, null, 1], [1, "{HH}:{mm}:{ss}", null, null, null, null, null, null, 1]] },
          { ...axis, size: 62, space: 28, values: (_u, ticks) => ticks.map((v) => withUnit(v, unit)) },
        ],
        series: [{}, ...names.map((label, i) => ({ label, stroke: css(`--series-${(i % colours) + 1}`), width: 1.5, dash: dashes[Math.floor(i / colours) % dashes.length], points: { show: true, size: 5, fill: css(`--series-${(i % colours) + 1}`), filter: (u: uPlot, at: number) => lonely(u.data[at]!) }, spanGaps: false, fill: names.length === 1 && !band ? css("--series-1") + "18" : undefined })),
          ...[...low, ...high].map(() => ({ stroke: css("--text-2") + "55", width: 1, points: { show: false }, spanGaps: false })),
          ...marks.map(() => ({ stroke: css("--major"), width: 0, points: { show: true, size: 9, width: 2, stroke: css("--major"), fill: "transparent" } }))],
        bands: low.slice(0, high.length).map((_, i): uPlot.Band => ({ series: [names.length + low.length + i + 1, names.length + i + 1], fill: css("--text-2") + "1f" })),
        hooks: {
          drawAxes: [(u) => paint(u, behind.current, css)],
          setCursor: [(u) => setCursor(u.cursor.idx ?? null)],
          setSelect: [(u) => {
            if (u.select.width < 6) return;
            zoom.current(u.posToVal(u.select.left, "x") * 1000, u.posToVal(u.select.left + u.select.width, "x") * 1000);
            u.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
          }],
        },
      },
      data, box.current,
    );
    plot.current = chart;
    return () => {
      chart.destroy();
      plot.current = undefined;
    };
    // Data and width are followed below without building the chart anew.
  }, [shape, width < 40]);
  useEffect(() => plot.current?.setData(data, false), [data, shape]);
  useEffect(() => plot.current?.redraw(false), [spans]);
  useEffect(() => plot.current?.setSize({ width, height }), [width, height]);
  useEffect(() => plot.current?.setScale("x", { min: from / 1000, max: to / 1000 }), [from, to, data, shape, width]);
  return (
    <>
      <div ref={box} style={{ height }} />
      <div className={classes.legend} aria-hidden="true">
        {names.slice(0, 12).map((name, i) => (
          <span key={i}>
            <span className={classes.swatch} style={{ borderColor: `var(--series-${(i % colours) + 1})`, borderTopStyle: i >= colours ? "dashed" : "solid" }} />
            {name} <span className={classes.value}>{withUnit(cursor === null ? series[i]?.points.at(-1)?.[1] : (data[i + 1]?.[cursor] as number | null), unit)}</span>
          </span>
        ))}
      </div>
    </>
  );
}
