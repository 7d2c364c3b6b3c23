import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense, useMemo } from "react";
import { queryRange } from "@/api/telemetry";
import type { RulePreview } from "@/api/types";
import { nameSeries } from "@/components/chart/MetricChart";
import { ProblemView } from "@/components/ProblemView";
import { plural } from "@/format/number";
import { stepFor } from "@/state/range";
import { firedFirst, spansOf } from "./preview";

const Plot = lazy(() => import("@/components/chart/Plot"));
const most = 12;

/** The expression over the range of a preview, with what it is compared with and the times it would have fired. */
export function PreviewPlot({ preview: p }: { preview: RulePreview }) {
  const step = stepFor(Date.parse(p.from), Date.parse(p.until), 400);
  const from = Math.floor(Date.parse(p.from) / 1000 / step) * step * 1000, to = Math.ceil(Date.parse(p.until) / 1000 / step) * step * 1000;
  const query = useQuery({ queryKey: ["metric", "range", p.chart, from, to, step], queryFn: ({ signal }) => queryRange(p.chart, from, to, step, signal), staleTime: 60_000, retry: false });
  const found = useMemo(() => firedFirst(query.data ?? [], p), [query.data, p]);
  const drawn = useMemo(() => found.slice(0, most), [found]);
  const names = useMemo(() => nameSeries(drawn), [drawn]);
  const spans = useMemo(() => spansOf(p), [p]);
  if (query.error) return <ProblemView error={query.error} />;
  return (
    <figure style={{ margin: 0, minHeight: 214 }} aria-label={`${p.chart} with ${plural(spans.length, "time", "times")} it would have fired marked`}>
      {query.data && <Suspense><Plot series={drawn} names={names} unit="none" from={from} to={to} step={step} height={180} onZoom={() => undefined} spans={spans} threshold={p.threshold} /></Suspense>}
      {found.length > most && <p className="dim">{plural(found.length - most, "more series is", "more series are")} not drawn.</p>}
    </figure>
  );
}
