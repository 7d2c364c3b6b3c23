import type { Panel, PanelType } from "@/api/dashboards";

export interface Kind {
  type: PanelType;
  label: string;
  what: string;
  w: number;
  h: number;
}

/** What can be put on a dashboard. */
export const kinds: Kind[] = [
  { type: "timeseries", label: "Time series", what: "Lines, areas, stacks or bars over time", w: 12, h: 8 },
  { type: "stat", label: "Stat", what: "One figure for each series", w: 6, h: 4 },
  { type: "gauge", label: "Gauge", what: "A dial between two ends", w: 6, h: 6 },
  { type: "bar", label: "Bars", what: "A bar for each series", w: 8, h: 8 },
  { type: "topList", label: "Top list", what: "The largest values, in order", w: 8, h: 8 },
  { type: "table", label: "Table", what: "Newest values with their labels", w: 12, h: 8 },
  { type: "heatmap", label: "Heatmap", what: "How histograms spread over time", w: 12, h: 8 },
  { type: "stateTimeline", label: "State timeline", what: "What was which state, and when", w: 12, h: 6 },
  { type: "map", label: "Map", what: "Items in the colours of their states", w: 12, h: 10 },
  { type: "text", label: "Text", what: "Markdown", w: 8, h: 5 },
  { type: "row", label: "Row", what: "A heading that folds what follows", w: 24, h: 1 },
];

export const labelOf = (type: PanelType) => kinds.find((k) => k.type === type)?.label ?? type;

/** A panel of a type as it begins. */
export function fresh(kind: Kind, y: number): Panel {
  const at = { x: 0, y, w: kind.w, h: kind.h };
  switch (kind.type) {
    case "text": return { type: "text", title: "", at, text: "Say what people should know here. **Markdown** works." };
    case "row": return { type: "row", title: "Row", at };
    case "map": return { type: "map", title: "Items", at, selector: "class=host" };
    default: return { type: kind.type, title: kind.label, at, targets: [{ query: "mainstay_check_up" }] };
  }
}

/** What one type keeps of another: what it knows nothing of is dropped. */
export function as(p: Panel, type: PanelType): Panel {
  const out: Panel = { ...p, type };
  const measured = type !== "text" && type !== "map" && type !== "row";
  if (!measured) delete out.targets;
  else if (!out.targets?.length) out.targets = [{ query: "mainstay_check_up" }];
  if (type !== "text") delete out.text;
  if (type !== "map") delete out.selector;
  else out.selector ||= "class=host";
  if (type !== "timeseries") { delete out.draw; delete out.right; delete out.legend; }
  if (type !== "stat") delete out.spark;
  if (type !== "table") delete out.hide;
  return out;
}
