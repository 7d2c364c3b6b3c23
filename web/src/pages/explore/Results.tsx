import { keepPreviousData, useQueries } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { lazy, Suspense, useMemo, useState } from "react";
import { askAt, askRange, type Result } from "@/api/promql";
import { useRange } from "@/app/range";
import { nameSeries } from "@/components/chart/MetricChart";
import type { Line } from "@/components/chart/Lines";
import { colourOf } from "@/components/chart/palette";
import { ItemName } from "./ItemName";
import { ProblemView } from "@/components/ProblemView";
import { count, plural } from "@/format/number";
import { exact } from "@/format/time";
import { heat } from "@/pages/dashboards/shapes";
import TablePanel from "@/pages/dashboards/panels/TablePanel";
import table from "@/pages/dashboards/panels/Panels.module.css";
import { rateWindow, windowOf } from "@/pages/dashboards/variables";
import { parseDuration, stepFor } from "@/state/range";
import { Empty, Loading } from "@/ui/Empty";
import { Panel } from "@/ui/Panel";
import classes from "./Explore.module.css";

const Lines = lazy(() => import("@/components/chart/Lines"));
const HeatmapPanel = lazy(() => import("@/pages/dashboards/panels/HeatmapPanel"));
const most = 80;

interface Props {
  exprs: string[];
  compare?: string;
  view: string;
  /** The moment that was picked. */
  at?: string;
  turn: number;
  onAt: (at: string | undefined) => void;
}

/** Expressions with the variables of time filled in. */
const timed = (expr: string, step: number, width: number) =>
  expr.replace(/\$\{?__rate_interval\}?/g, windowOf(rateWindow(step))).replace(/\$\{?__interval\}?/g, windowOf(step)).replace(/\$\{?__range\}?/g, windowOf(width / 1000));

/** What the expressions give: over time and now, and beside it what was some time before. */
export function Results({ exprs, compare, view, at, turn, onAt }: Props) {
  const { from, to, zoom } = useRange();
  const step = stepFor(from, to, 300);
  const align = (t: number) => Math.floor(t / 1000 / step) * step * 1000;
  const back = compare ? parseDuration(compare) ?? 0 : 0;
  const moment = at ? Date.parse(at) : undefined;
  const graph = view !== "table", asTable = view !== "graph";
  const ask = (expr: string, shift: number) => ({
    queryKey: ["metric", "explore", expr, align(from) - shift, align(to) - shift, step, turn],
    queryFn: ({ signal }: { signal: AbortSignal }) => askRange(timed(expr, step, to - from), align(from) - shift, align(to) - shift, step, signal),
    enabled: graph, placeholderData: keepPreviousData, staleTime: 5000, retry: false,
  });
  const now = useQueries({ queries: exprs.map((e) => ask(e, 0)) });
  const before = useQueries({ queries: back ? exprs.map((e) => ask(e, back)) : [] });
  const values = useQueries({
    queries: exprs.map((expr) => ({
      queryKey: ["metric", "explore at", expr, moment ?? align(to), turn],
      queryFn: ({ signal }: { signal: AbortSignal }) => askAt(timed(expr, step, to - from), moment ?? to, signal),
      enabled: asTable || moment !== undefined, placeholderData: keepPreviousData, staleTime: 5000, retry: false,
    })),
  });
  const stamp = [...now, ...before].map((q) => `${q.dataUpdatedAt}${q.isPlaceholderData}`).join();
  const [hidden, setHidden] = useState<ReadonlySet<string>>(new Set());
  const [cursor, setCursor] = useState<(number | null)[]>();
  const series = useMemo(() => collect(exprs, now.map((q) => q.data ?? [])), [stamp, exprs.join("\n")]);
  const lines = useMemo<Line[]>(() => {
    const out: Line[] = series.slice(0, most).map((s, i) => ({ name: s.name, points: s.points, hidden: hidden.has(s.name), colour: i }));
    if (!back) return out;
    // What was before is shifted to lie below what is, in the same colour.
    for (const s of collect(exprs, before.map((q) => q.data ?? []))) {
      const i = series.findIndex((n) => n.key === s.key);
      if (i >= 0 && i < most) out.push({ name: `${s.name}, ${compare} before`, points: s.points.map(([t, v]) => [t + back / 1000, v]), past: true, hidden: hidden.has(series[i]!.name), colour: i });
    }
    return out;
  }, [series, stamp, hidden, back]);
  const visible = useMemo(() => lines.filter((l) => !l.hidden), [lines]);
  const failed = exprs.map((e, i) => ({ e, error: (graph ? now : values)[i]?.error })).filter((f) => f.error);
  const histograms = useMemo(() => now.flatMap((q) => q.data ?? []).filter((s) => s.histograms?.length), [stamp]);
  const pending = (graph ? now : values).some((q) => q.isPending && q.fetchStatus === "fetching");
  return (
    <>
      {failed.map((f) => <div key={f.e} className={classes.problem}><ProblemView error={f.error!} /></div>)}
      {graph && (
        <Panel title="Over time" count={series.length ? plural(series.length, "series", "series") : undefined} hint={series.length > most ? `the first ${most} are drawn` : "click a moment to see what was then"}>
          {pending && !series.length ? <Loading lines={5} height={280} /> : series.some((s) => s.points.length) ? (
            <>
              <Suspense fallback={<div style={{ height: 300 }} />}><Lines lines={visible} say={(v) => (v === null || v === undefined || Number.isNaN(v) ? "–" : count(v))} from={from} to={to} step={step} height={300} onZoom={zoom} onPick={(s) => onAt(new Date(Math.round(s) * 1000).toISOString())} onCursor={(i, v) => setCursor(i === null ? undefined : v)} /></Suspense>
              <div className={table.legend} style={{ maxHeight: "7.5rem", overflow: "auto" }} tabIndex={0} role="region" aria-label="Series">
                {lines.filter((l) => !l.past).map((l, i) => {
                  const n = visible.indexOf(l);
                  const v = n >= 0 ? cursor?.[n] ?? (cursor ? null : l.points.at(-1)?.[1]) : null;
                  return <button key={i} type="button" aria-pressed={!l.hidden} data-off={l.hidden || undefined} onClick={() => setHidden(new Set(hidden.has(l.name) ? [...hidden].filter((h) => h !== l.name) : [...hidden, l.name]))}><span className={table.swatch} style={{ borderColor: colourOf(i) }} aria-hidden="true" />{l.name} <span className={table.value}>{v === null || v === undefined ? "–" : count(v)}</span></button>;
                })}
              </div>
            </>
          ) : histograms.length && heat(histograms).cells.length ? <Suspense><Sized>{(width) => <HeatmapPanel panel={{ type: "heatmap", at: { x: 0, y: 0, w: 24, h: 8 } }} data={{ series: histograms.map((s) => ({ ...s, name: "", target: 0 })), queries: [], step, from, to, loading: false, settled: true }} width={width} height={300} filling={{ values: {}, options: {}, step, from, to }} onZoom={zoom} />}</Sized></Suspense>
            : failed.length === exprs.length ? <Empty title="Nothing could be asked" /> : <Empty title="No samples in this range" />}
        </Panel>
      )}
      {moment !== undefined && <Moment at={moment} series={values.flatMap((q) => q.data ?? [])} onClose={() => onAt(undefined)} />}
      {asTable && (
        <Panel title={moment === undefined ? "Newest values" : `At ${exact(moment)}`} flush>
          {values.some((q) => q.data?.length) ? <div style={{ maxHeight: "30rem", overflow: "auto" }}><TablePanel panel={{ type: "table", title: "Values", at: { x: 0, y: 0, w: 24, h: 8 } }} data={{ series: [], queries: exprs.map((e, i) => ({ expr: e, name: exprs.length > 1 ? `Value ${String.fromCharCode(65 + i)}` : "Value", series: values[i]?.data ?? [] })), step, from, to, loading: false, settled: true }} width={0} height={0} filling={{ values: {}, options: {}, step, from, to }} onZoom={zoom} /></div>
            : values.some((q) => q.isPending && q.fetchStatus === "fetching") ? <div style={{ padding: "0.75rem" }}><Loading /></div> : <Empty title="No values at this moment" />}
        </Panel>
      )}
    </>
  );
}

/** Series of several expressions, with names that tell them apart. */
export function collect(exprs: string[], answers: Result[][]): (Result & { name: string; key: string })[] {
  return answers.flatMap((list, n) => {
    const names = nameSeries(list.map((s) => ({ labels: s.labels })));
    return list.map((s, i) => ({ ...s, key: `${n} ${JSON.stringify(Object.entries(s.labels).sort())}`, name: exprs.length > 1 ? `${String.fromCharCode(65 + n)} ${names[i] === "value" ? exprs[n] : names[i]}` : names[i] === "value" ? exprs[n]! : names[i]! }));
  });
}

function Sized({ children }: { children: (width: number) => React.ReactNode }) {
  const [width, setWidth] = useState(0);
  return <div ref={(el) => { if (el && el.clientWidth && el.clientWidth !== width) setWidth(el.clientWidth); }}>{width > 0 && children(width)}</div>;
}

/** Ways from a moment to what else was then. */
function Moment({ at, series, onClose }: { at: number; series: Result[]; onClose: () => void }) {
  const items = [...new Set(series.map((s) => s.labels.item).filter((i): i is string => Boolean(i)))];
  const around = { from: new Date(at - 15 * 60_000).toISOString(), to: new Date(at + 15 * 60_000).toISOString() };
  return (
    <Panel title={`What was at ${exact(at)}`} actions={<button type="button" className="link" style={{ all: "unset", cursor: "pointer", textDecoration: "underline" }} onClick={onClose}>Back to now</button>}>
      <div className={classes.moment}>
        <Link to="/logs" search={around} className="link">Logs within 15 minutes</Link>
        <Link to="/audit" search={around} className="link">What was changed</Link>
        {items.slice(0, 12).map((id) => (
          <span key={id} className="row">
            <Link to="/items/$id" params={{ id }} search={{ ...around, at: new Date(at).toISOString() }} className="link"><ItemName id={id} /></Link>
            <Link to="/logs" search={{ ...around, q: `item:${id}` }} className="link">its logs</Link>
          </span>
        ))}
        {items.length > 12 && <span className="dim">and {plural(items.length - 12, "more item")}</span>}
      </div>
    </Panel>
  );
}
