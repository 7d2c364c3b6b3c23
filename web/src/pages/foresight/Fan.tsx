import { lazy, Suspense, useMemo } from "react";
import type { BandPoint } from "@/api/types";
import type { Unit } from "@/format/number";

const Plot = lazy(() => import("@/components/chart/Plot"));

interface Props {
  history: { at: string; value: number }[];
  forecast: BandPoint[];
  full: number;
  unit: Unit;
}

const at = (text: string) => Math.round(Date.parse(text) / 1000);

/** What was, what is likely, and how far off that may be. */
export function Fan({ history, forecast, full, unit }: Props) {
  const drawn = useMemo(() => {
    const past = history.map((p): [number, number] => [at(p.at), p.value]);
    const future = forecast.slice(0, Math.max(3 * history.length, 30));
    const last = past.at(-1);
    const line = (pick: (p: BandPoint) => number): [number, number][] => [...(last ? [last] : []), ...future.map((p): [number, number] => [at(p.at), pick(p)])];
    const from = past[0]?.[0] ?? 0, to = future.length ? at(future.at(-1)!.at) : last?.[0] ?? from + 1;
    const all = [...past, ...line((p) => p.mid)];
    return {
      from: from * 1000, to: to * 1000, step: Math.max((all[1]?.[0] ?? 0) - (all[0]?.[0] ?? 0), 3600),
      series: [{ labels: {}, points: past }, { labels: {}, points: line((p) => p.mid) }, { labels: {}, points: all.map(([t]): [number, number] => [t, full]) }],
      band: { low: [{ points: line((p) => Math.max(p.low, 0)) }], high: [{ points: line((p) => p.high) }] },
    };
  }, [history, forecast, full]);
  return (
    <figure style={{ margin: 0, minHeight: 264 }} aria-label="History and forecast">
      <Suspense><Plot series={drawn.series} names={["was", "likely", "full"]} unit={unit} from={drawn.from} to={drawn.to} step={drawn.step} height={240} min={0} max={full * 1.1} onZoom={() => undefined} band={drawn.band} /></Suspense>
    </figure>
  );
}
