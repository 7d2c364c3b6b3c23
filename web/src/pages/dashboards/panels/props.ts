import type { Panel } from "@/api/dashboards";
import type { PanelData } from "../data";
import type { Filling } from "../variables";

export interface PanelProps {
  panel: Panel;
  data: PanelData;
  /** Of the body, in pixels. */
  width: number;
  height: number;
  filling: Filling;
  onZoom: (from: number, to: number) => void;
}
