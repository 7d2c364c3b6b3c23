import { useMemo } from "react";
import { heat } from "../shapes";
import { shown } from "../values";
import { between, timeAxis, useCanvas } from "./canvas";
import classes from "./Panels.module.css";
import type { PanelProps } from "./props";
import { TimeArea } from "./TimeArea";

const left = 62, bottom = 20;

/** How often values were in which range over time: native histograms, or series with le. */
export default function HeatmapPanel({ panel: p, data, width, height, onZoom }: PanelProps) {
  const h = useMemo(() => heat(data.series), [data.series]);
  const w = Math.max(10, width - left - 4), tall = Math.max(10, height - bottom);
  // Each range is a row of the same height: bounds of histograms grow by factors.
  const rows = useMemo(() => new Map(h.bounds.map((b, i) => [b, i])), [h.bounds]);
  const count = Math.max(1, h.bounds.length - 1);
  const y = (bound: number) => tall - ((rows.get(bound) ?? 0) / count) * tall;
  const x = (seconds: number) => left + ((seconds * 1000 - data.from) / (data.to - data.from)) * w;
  const canvas = useCanvas(width, height, (c, css) => {
    const quiet = css("--sunken"), loud = css("--series-1");
    c.save();
    c.beginPath();
    c.rect(left, 0, w, tall);
    c.clip();
    for (const cell of h.cells) {
      const x0 = x(cell.time - data.step), x1 = x(cell.time);
      if (x1 < left || x0 > left + w) continue;
      c.fillStyle = between(quiet, loud, 0.12 + 0.88 * Math.sqrt(cell.count / h.most));
      c.fillRect(x0, y(cell.high), Math.max(1, x1 - x0 - 0.5), Math.max(1, y(cell.low) - y(cell.high) - 0.5));
    }
    c.restore();
    c.fillStyle = css("--text-2");
    c.textAlign = "right";
    c.textBaseline = "middle";
    const every = Math.max(1, Math.ceil(h.bounds.length / Math.max(2, Math.floor(tall / 18))));
    h.bounds.forEach((b, i) => { if (i % every === 0) c.fillText(shown(b, p.unit, p.decimals), left - 6, Math.min(tall - 6, Math.max(6, y(b)))); });
    timeAxis(c, css, { left, width: w, top: tall, from: data.from, to: data.to });
  }, [h, data.from, data.to, data.step, p.unit, p.decimals]);
  const tip = (seconds: number, py: number) => {
    const cell = h.cells.find((c) => seconds > c.time - data.step && seconds <= c.time && py <= y(c.low) && py >= y(c.high));
    return cell && `${shown(cell.low, p.unit)} to ${shown(cell.high, p.unit)}: ${shown(cell.count, "count")}`;
  };
  const total = h.cells.length;
  return (
    <TimeArea left={left} width={w} height={height} from={data.from} to={data.to} onZoom={onZoom} tip={tip}>
      <canvas ref={canvas} role="img" aria-label={`${p.title || "Heatmap"}: ${total ? `values from ${shown(h.bounds[0], p.unit)} to ${shown(h.bounds.at(-1), p.unit)}` : "no buckets"}`} />
      {!total && <p className={classes.cut} style={{ left: "50%", right: "auto" }}>No buckets: a heatmap needs a histogram, or series with the label le</p>}
    </TimeArea>
  );
}
