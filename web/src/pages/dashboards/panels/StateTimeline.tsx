import { useMemo } from "react";
import type { Level } from "@/ui/severity";
import { stretches } from "../shapes";
import { timeAxis, useCanvas } from "./canvas";
import classes from "./Panels.module.css";
import type { PanelProps } from "./props";
import { TimeArea } from "./TimeArea";

const bottom = 20;

/** A band for each series: what it was, and when. */
export default function StateTimeline({ panel: p, data, width, height, onZoom }: PanelProps) {
  const list = useMemo(() => data.series.slice(0, p.limit || 60).map((s) => ({ name: s.name, parts: stretches(s.points, data.step, p) })), [data.series, data.step, p]);
  const left = Math.min(160, Math.max(60, width * 0.2));
  const w = Math.max(10, width - left - 4);
  const line = Math.max(16, Math.min(34, (height - bottom) / Math.max(1, list.length)));
  const tall = line * list.length + bottom;
  const x = (seconds: number) => Math.max(left, Math.min(left + w, left + ((seconds * 1000 - data.from) / (data.to - data.from)) * w));
  // What no severity says gets a quiet colour of its own for each word.
  const words = useMemo(() => [...new Set(list.flatMap((s) => s.parts.filter((q) => !q.level).map((q) => q.text)))], [list]);
  const canvas = useCanvas(width, tall, (c, css) => {
    const colour = (level: Level | undefined, text: string) => (level ? css(`--${level}`) : css(`--series-${(words.indexOf(text) % 8) + 1}`));
    list.forEach((s, i) => {
      const top = i * line;
      c.fillStyle = css("--text");
      c.textAlign = "left";
      c.textBaseline = "middle";
      c.fillText(fit(c, s.name, left - 10), 0, top + line / 2);
      for (const q of s.parts) {
        const x0 = x(q.from - data.step), x1 = x(q.to - data.step);
        if (x1 <= x0) continue;
        c.fillStyle = colour(q.level, q.text);
        c.fillRect(x0, top + 2, Math.max(1, x1 - x0 - 0.5), line - 4);
        const room = x1 - x0 - 8;
        if (room > 18) {
          c.fillStyle = css("--paper");
          c.fillText(fit(c, q.text, room), x0 + 4, top + line / 2);
        }
      }
    });
    timeAxis(c, css, { left, width: w, top: list.length * line, from: data.from, to: data.to });
  }, [list, data.from, data.to, line, words]);
  const tip = (seconds: number, y: number) => {
    const s = list[Math.floor(y / line)];
    const q = s?.parts.find((part) => seconds >= part.from - data.step && seconds < part.to - data.step);
    return s && q && `${s.name}: ${q.text}`;
  };
  const spoken = list.slice(0, 8).map((s) => `${s.name} ${s.parts.at(-1)?.text ?? "unknown"}`).join(", ");
  return (
    <div className={classes.scroll} style={{ overflowX: "hidden" }} tabIndex={0} role="region" aria-label={`${p.title || "States"}: ${spoken}`}>
      <TimeArea left={left} width={w} height={tall} from={data.from} to={data.to} onZoom={onZoom} tip={tip}><canvas ref={canvas} aria-hidden="true" /></TimeArea>
    </div>
  );
}

function fit(c: CanvasRenderingContext2D, text: string, room: number): string {
  if (c.measureText(text).width <= room) return text;
  let n = text.length;
  while (n > 1 && c.measureText(`${text.slice(0, n)}…`).width > room) n--;
  return n > 1 ? `${text.slice(0, n)}…` : "";
}
