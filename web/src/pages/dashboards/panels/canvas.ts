import { useEffect, useRef } from "react";
import { useScheme } from "@/components/chart/size";

export type Css = (name: string) => string;

/** A canvas that is drawn again when its size, the theme or what it depends on changes; sharp on every screen. */
export function useCanvas(width: number, height: number, draw: (c: CanvasRenderingContext2D, css: Css) => void, deps: unknown[]) {
  const ref = useRef<HTMLCanvasElement>(null);
  const scheme = useScheme();
  useEffect(() => {
    const canvas = ref.current, context = canvas?.getContext("2d");
    if (!canvas || !context || width <= 0 || height <= 0) return;
    const ratio = window.devicePixelRatio || 1;
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
    canvas.style.width = `${width}px`;
    canvas.style.height = `${height}px`;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, width, height);
    context.font = "11px system-ui, sans-serif";
    const style = getComputedStyle(document.documentElement);
    draw(context, (name) => style.getPropertyValue(name).trim());
  }, [width, height, scheme, ...deps]);
  return ref;
}

const steps = [1, 5, 15, 30, 60, 300, 900, 1800, 3600, 10800, 21600, 43200, 86400, 172800, 604800];

/** Round times along an axis, in milliseconds, by the viewer's clock. */
export function ticks(from: number, to: number, width: number): { at: number; text: string }[] {
  const least = ((to - from) / 1000 / Math.max(1, width)) * 75;
  const step = steps.find((s) => s >= least) ?? 604800;
  const shift = new Date(from).getTimezoneOffset() * 60;
  const out: { at: number; text: string }[] = [];
  for (let s = Math.ceil((from / 1000 - shift) / step) * step + shift; s * 1000 <= to; s += step) {
    const d = new Date(s * 1000), two = (n: number) => String(n).padStart(2, "0");
    const midnight = d.getHours() === 0 && d.getMinutes() === 0;
    out.push({ at: s * 1000, text: step >= 86400 || midnight ? d.toLocaleDateString(undefined, { month: "short", day: "numeric" }) : `${two(d.getHours())}:${two(d.getMinutes())}${step < 60 ? `:${two(d.getSeconds())}` : ""}` });
  }
  return out;
}

/** The times below a drawing. */
export function timeAxis(c: CanvasRenderingContext2D, css: Css, o: { left: number; width: number; top: number; from: number; to: number }) {
  c.fillStyle = css("--text-2");
  c.textAlign = "center";
  c.textBaseline = "top";
  for (const t of ticks(o.from, o.to, o.width)) c.fillText(t.text, o.left + ((t.at - o.from) / (o.to - o.from)) * o.width, o.top + 4);
}

/** A colour of the theme between two others: 0 the first, 1 the second. */
export function between(a: string, b: string, share: number): string {
  const read = (hex: string) => [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16));
  const x = read(a), y = read(b);
  return `rgb(${x.map((v, i) => Math.round(v + (y[i]! - v) * share)).join(",")})`;
}
