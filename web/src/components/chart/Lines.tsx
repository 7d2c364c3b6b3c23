import { useEffect, useMemo, useRef } from "react";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { crosshair } from "@/app/crosshair";
import { aligned, lonely } from "./align";
import { palette } from "./palette";
import { useElementSize, useScheme } from "./size";

export interface Line {
  name: string;
  points: [number, number][];
  right?: boolean;
  /** Against the time before: drawn faint and dashed. */
  past?: boolean;
  hidden?: boolean;
  /** Of the palette, from 0. */
  colour: number;
}

export interface LinesProps {
  lines: Line[];
  style?: "lines" | "area" | "bars" | "points";
  stack?: (ys: (number | null)[][]) => (number | null)[][];
  stepped?: boolean;
  join?: boolean;
  say: (v: number | null | undefined) => string;
  sayRight?: (v: number | null | undefined) => string;
  min?: number;
  max?: number;
  marks?: { at: number; colour: string }[];
  from: number;
  to: number;
  step: number;
  height: number;
  /** Which series holds the pointer's moment; null when it is elsewhere. */
  onCursor?: (index: number | null, values: (number | null)[]) => void;
  onZoom?: (from: number, to: number) => void;
  onPick?: (seconds: number) => void;
  /** Where the time axis lies within the drawing, in pixels, whenever that changes. */
  onBox?: (left: number, width: number) => void;
}

const dashes = [[], [6, 3], [2, 3]];

function extent(lo: number | null, hi: number | null, min?: number, max?: number): [number, number] {
  const low = min ?? Math.min(lo ?? 0, 0), high = Math.max(max ?? hi ?? 1, hi ?? 1);
  return high <= low ? [low, low + 1] : [low, max === undefined ? low + (high - low) * 1.05 : high];
}

/** Lines over time, with a second axis, stacks and marks of thresholds. The moment under the pointer is shared with other drawings. */
export default function Lines(p: LinesProps) {
  const [box, width] = useElementSize();
  const scheme = useScheme();
  const plot = useRef<uPlot>(undefined);
  const latest = useRef(p);
  latest.current = p;
  const plain = useMemo(() => aligned(p.lines, p.step), [p.lines, p.step]);
  const data = useMemo(() => (p.stack ? [plain[0], ...p.stack(plain.slice(1) as (number | null)[][])] : plain) as uPlot.AlignedData, [plain, p.stack]);
  const plainRef = useRef(plain);
  plainRef.current = plain;
  const shape = JSON.stringify([p.lines.map((l) => [l.name, l.right, l.past, l.hidden, l.colour]), p.style, Boolean(p.stack), p.stepped, p.join, p.min, p.max, p.marks, scheme, p.height, p.say(12345.678), p.sayRight?.(12345.678)]);
  useEffect(() => {
    if (!box.current || width < 40) return;
    const css = (name: string) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
    const axis: uPlot.Axis = { stroke: css("--text-2"), grid: { stroke: css("--line"), width: 1 }, ticks: { show: false }, font: "11px system-ui, sans-serif" };
    const { lines, style = "lines", stack, stepped, join, marks = [], height } = latest.current;
    const right = lines.some((l) => l.right);
    const self = {};
    const paths = style === "bars" ? uPlot.paths.bars!({ size: [0.7, 40] }) : stepped ? uPlot.paths.stepped!({ align: 1 }) : undefined;
    let quiet = false;
    const chart = new uPlot(
      {
        width, height,
        legend: { show: false },
        cursor: { y: false, points: { size: 6 }, drag: { x: true, y: false, setScale: false } },
        scales: { x: { time: true }, y: { range: (_u, lo, hi) => extent(lo, hi, latest.current.min, latest.current.max) }, ...(right ? { r: { range: (_u: uPlot, lo: number | null, hi: number | null) => extent(lo, hi) } } : {}) },
        axes: [
          { ...axis, size: 36, space: 70, values: [[86400, "{MMM} {D}", null, null, null, null, null, null, 1], [3600, "{HH}:{mm}", "\n{MMM} {D}", null, "\n{MMM} {D}", null, null, null, 1], [60, "{HH}:{mm}", null, null, null, null, null, null, 1], [1, "{HH}:{mm}:{ss}", null, null, null, null, null, null, 1]] },
          { ...axis, size: 62, space: 28, values: (_u, ticks) => ticks.map((v) => latest.current.say(v)) },
          ...(right ? [{ ...axis, scale: "r", side: 1 as const, size: 62, space: 28, grid: { show: false }, values: (_u: uPlot, ticks: number[]) => ticks.map((v) => (latest.current.sayRight ?? latest.current.say)(v)) }] : []),
        ],
        // Of a stack each area ends at the one before it.
        bands: stack ? lines.slice(1).map((l, i) => ({ series: [i + 2, i + 1] as [number, number], fill: css(`--series-${(l.colour % palette) + 1}`) + "55" })) : undefined,
        series: [{}, ...lines.map((l, i): uPlot.Series => {
          const colour = css(`--series-${(l.colour % palette) + 1}`);
          const filled = style === "area" || (style === "bars") || (style === "lines" && lines.length === 1);
          return {
            label: l.name, show: !l.hidden, scale: l.right ? "r" : "y", stroke: l.past ? colour + "88" : colour, width: style === "points" ? 0 : style === "bars" ? 1 : 1.5,
            dash: l.past ? [4, 4] : dashes[Math.floor(l.colour / palette) % dashes.length], spanGaps: Boolean(join), paths,
            fill: l.past || !filled ? undefined : stack ? (i === 0 ? colour + "55" : undefined) : colour + (style === "bars" ? "99" : lines.length === 1 ? "22" : "18"),
            points: style === "points" ? { show: true, size: 5, fill: colour } : { show: style !== "bars", size: 5, fill: colour, filter: (u: uPlot, at: number) => lonely(u.data[at]!) },
          };
        })],
        hooks: {
          draw: [(u) => {
            const ratio = devicePixelRatio || 1;
            latest.current.onBox?.(u.bbox.left / ratio, u.bbox.width / ratio);
            u.ctx.save();
            for (const m of marks) {
              const y = Math.round(u.valToPos(m.at, "y", true));
              if (y < u.bbox.top || y > u.bbox.top + u.bbox.height) continue;
              u.ctx.strokeStyle = m.colour.startsWith("var(") ? css(m.colour.slice(4, -1)) : m.colour;
              u.ctx.setLineDash([6, 4]);
              u.ctx.lineWidth = 1.5;
              u.ctx.beginPath();
              u.ctx.moveTo(u.bbox.left, y);
              u.ctx.lineTo(u.bbox.left + u.bbox.width, y);
              u.ctx.stroke();
            }
            u.ctx.restore();
          }],
          setCursor: [(u) => {
            const at = u.cursor.idx ?? null;
            latest.current.onCursor?.(at, at === null ? [] : plainRef.current.slice(1).map((y) => (y[at] as number | null | undefined) ?? null));
            if (!quiet) crosshair.tell(u.cursor.left !== undefined && u.cursor.left >= 0 ? u.posToVal(u.cursor.left, "x") : null, self);
          }],
          setSelect: [(u) => {
            if (u.select.width < 6) return;
            latest.current.onZoom?.(u.posToVal(u.select.left, "x") * 1000, u.posToVal(u.select.left + u.select.width, "x") * 1000);
            u.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
          }],
        },
      },
      data, box.current,
    );
    const clicked = () => { if (chart.select.width < 6 && chart.cursor.left !== undefined && chart.cursor.left >= 0) latest.current.onPick?.(chart.posToVal(chart.cursor.left, "x")); };
    chart.over.addEventListener("click", clicked);
    const left = () => crosshair.tell(null, self);
    chart.over.addEventListener("mouseleave", left);
    const stop = crosshair.follow((seconds, source) => {
      if (source === self) return;
      quiet = true;
      const { min, max } = chart.scales.x!;
      const inside = seconds !== null && min != null && max != null && seconds >= min && seconds <= max;
      chart.setCursor(inside ? { left: chart.valToPos(seconds, "x"), top: 0 } : { left: -10, top: -10 });
      quiet = false;
    });
    plot.current = chart;
    return () => {
      stop();
      chart.over.removeEventListener("click", clicked);
      chart.over.removeEventListener("mouseleave", left);
      chart.destroy();
      plot.current = undefined;
    };
    // Data and width are followed below without building the chart anew.
  }, [shape, width < 40]);
  useEffect(() => plot.current?.setData(data, false), [data, shape]);
  useEffect(() => plot.current?.setSize({ width, height: p.height }), [width, p.height]);
  useEffect(() => plot.current?.setScale("x", { min: p.from / 1000, max: p.to / 1000 }), [p.from, p.to, data, shape, width]);
  return <div ref={box} style={{ height: p.height }} />;
}
