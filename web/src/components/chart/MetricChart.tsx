import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { lazy, Suspense, useMemo } from "react";
import { queryRange, type Series } from "@/api/telemetry";
import { useRange } from "@/app/range";
import { ProblemView } from "@/components/ProblemView";
import { withUnit, type Unit } from "@/format/number";
import { stepFor } from "@/state/range";
import classes from "./MetricChart.module.css";

const Plot = lazy(() => import("./Plot"));

export interface MetricChartProps {
  title: string;
  /** PromQL. "$step" becomes a window of about four steps, for rates. */
  query: string;
  unit?: Unit;
  /** Which label names a series; otherwise all labels that differ. */
  by?: string;
  height?: number;
  min?: number;
  max?: number;
  /** PromQL of what is usual, and of how unusual points are (a score; from 0.5 on they are marked). */
  band?: { low: string; high: string; score?: string };
}

/** One expression over the page's time range. Dragging zooms the whole page. */
export function MetricChart({ title, query, unit = "none", by, height = 150, min = 0, max, band }: MetricChartProps) {
  const { from, to, zoom } = useRange();
  const step = stepFor(from, to, 240);
  const align = (t: number) => Math.floor(t / 1000 / step) * step * 1000;
  const window = `${Math.max(step * 4, 60)}s`;
  const q = useQuery({
    queryKey: ["metric", "range", query, align(from), align(to), step],
    queryFn: ({ signal }) => queryRange(query.replaceAll("$step", window), align(from), align(to), step, signal),
    placeholderData: keepPreviousData,
    staleTime: 5000,
  });
  const more = useQuery({
    queryKey: ["metric", "band", band, align(from), align(to), step],
    queryFn: ({ signal }) => Promise.all([band!.low, band!.high, band!.score && `max_over_time(${band!.score}[${step}s])`].map((e) => e ? queryRange(e, align(from), align(to), step, signal) : [])),
    enabled: Boolean(band), placeholderData: keepPreviousData, staleTime: 5000,
  });
  const series = q.data ?? [];
  const [low, high, scores] = more.data ?? [];
  const area = useMemo(() => band && { low: low ?? [], high: high ?? [] }, [Boolean(band), low, high]);
  const marks = useMemo(() => unusual(series, scores ?? []), [q.data, scores]);
  const names = nameSeries(series, by);
  const spoken = series.length ? series.slice(0, 6).map((s, i) => `${names[i]} ${withUnit(s.points.at(-1)?.[1], unit)}`).join(", ") : "no data";
  return (
    <figure className={classes.chart} aria-label={`${title}: ${spoken}`}>
      <figcaption className={classes.title}>{title}</figcaption>
      <div className={classes.area} style={{ height: height + 24 }}>
        {q.error && !q.data ? <ProblemView error={q.error} />
          : q.data && !series.length ? <p className={classes.none}>No samples in this range</p>
            : q.data ? <Suspense><Plot series={series} names={names} unit={unit} from={from} to={to} step={step} height={height} min={min} max={max} onZoom={zoom} band={area} marks={marks} /></Suspense> : null}
      </div>
    </figure>
  );
}

/** The points of a series whose score says that they are unusual. */
export function unusual(series: Pick<Series, "points">[], scores: Pick<Series, "points">[]): Pick<Series, "points">[] {
  const odd = new Set(scores.flatMap((s) => s.points.filter(([, v]) => v >= 0.5).map(([t]) => t)));
  return odd.size ? series.map((s) => ({ points: s.points.filter(([t]) => odd.has(t)) })).filter((s) => s.points.length) : [];
}

/** What tells the series apart, said as short as possible. */
export function nameSeries(series: Pick<Series, "labels">[], by?: string): string[] {
  if (by) return series.map((s) => s.labels[by] ?? "");
  const keys = new Set(series.flatMap((s) => Object.keys(s.labels)));
  const differ = [...keys].filter((k) => k !== "__name__" && new Set(series.map((s) => s.labels[k])).size > 1);
  const named = (by: string[]) => series.map((s) => by.map((k) => s.labels[k]).filter(Boolean).join(" ") || s.labels.__name__ || "value");
  // The id of an item tells a person little: it is left out where the rest is enough.
  const short = named(differ.filter((k) => k !== "item"));
  return new Set(short).size === series.length ? short : named(differ);
}
