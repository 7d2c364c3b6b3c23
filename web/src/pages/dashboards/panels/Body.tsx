import { lazy, Suspense, type ComponentType } from "react";
import type { Panel } from "@/api/dashboards";
import { ProblemView } from "@/components/ProblemView";
import { Empty } from "@/ui/Empty";
import classes from "./Panels.module.css";
import type { PanelProps } from "./props";
import Bars from "./Bars";
import Gauge from "./Gauge";
import Stat from "./Stat";
import TablePanel from "./TablePanel";
import TextPanel from "./TextPanel";
import TimeSeries from "./TimeSeries";

const measured: Partial<Record<Panel["type"], ComponentType<PanelProps>>> = {
  timeseries: TimeSeries, stat: Stat, gauge: Gauge, bar: Bars, topList: Bars, table: TablePanel,
  heatmap: lazy(() => import("./HeatmapPanel")), stateTimeline: lazy(() => import("./StateTimeline")),
};
const MapPanel = lazy(() => import("./MapPanel"));

/** What is inside a panel, whatever its type. */
export function Body(p: PanelProps) {
  if (p.panel.type === "text") return <TextPanel panel={p.panel} filling={p.filling} />;
  if (p.panel.type === "map") return <Suspense><MapPanel panel={p.panel} filling={p.filling} /></Suspense>;
  const Kind = measured[p.panel.type];
  if (!Kind) return <Empty title={`There is no panel of the type ${p.panel.type}`} />;
  if (p.data.error && !p.data.series.length) return <div className={classes.scroll}><ProblemView error={p.data.error} /></div>;
  if (p.data.settled && !p.data.series.length) return <Empty title="No samples in this range" />;
  if (!p.data.series.length) return null;
  return <Suspense><Kind {...p} /></Suspense>;
}
