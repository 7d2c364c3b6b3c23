import { useEffect, useRef, useState, type ReactNode, type RefObject } from "react";
import { crosshair } from "@/app/crosshair";
import classes from "./Panels.module.css";

interface Props {
  /** Of the time axis within the drawing, in pixels. */
  left: number;
  width: number;
  height: number;
  from: number;
  to: number;
  onZoom: (from: number, to: number) => void;
  /** What is under the pointer, told beside it. */
  tip?: (seconds: number, y: number) => string | undefined;
  children: ReactNode;
}

/** A drawing over time: the moment under the pointer is shared with others, dragging zooms. */
export function TimeArea({ left, width, height, from, to, onZoom, tip, children }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const line = useRef<HTMLDivElement>(null);
  const [drag, setDrag] = useState<[number, number]>();
  const [told, setTold] = useState<{ text: string; x: number; y: number }>();
  const self = useRef({});
  const x = (seconds: number) => left + ((seconds * 1000 - from) / (to - from)) * width;
  const seconds = (px: number) => (from + ((px - left) / width) * (to - from)) / 1000;
  const inside = (px: number) => Math.min(left + width, Math.max(left, px));
  useEffect(() => crosshair.follow((at, source) => place(line, source === self.current || at === null || at * 1000 < from || at * 1000 > to ? undefined : x(at))), [from, to, left, width]);
  const where = (e: React.PointerEvent) => { const r = box.current!.getBoundingClientRect(); return [e.clientX - r.left, e.clientY - r.top] as const; };
  return (
    <div ref={box} className={classes.canvasBox} style={{ height }}
      onPointerMove={(e) => {
        const [px, py] = where(e);
        if (drag) setDrag([drag[0], inside(px)]);
        const within = px >= left && px <= left + width;
        place(line, within ? px : undefined);
        crosshair.tell(within ? seconds(px) : null, self.current);
        const text = within ? tip?.(seconds(px), py) : undefined;
        setTold(text ? { text, x: px, y: py } : undefined);
      }}
      onPointerLeave={() => { place(line, undefined); crosshair.tell(null, self.current); setTold(undefined); }}
      onPointerDown={(e) => { if (e.button !== 0 || e.pointerType === "touch") return; const px = inside(where(e)[0]); box.current!.setPointerCapture(e.pointerId); setDrag([px, px]); }}
      onPointerUp={() => {
        if (drag && Math.abs(drag[1] - drag[0]) >= 6) onZoom(seconds(Math.min(...drag)) * 1000, seconds(Math.max(...drag)) * 1000);
        setDrag(undefined);
      }}>
      {children}
      <div ref={line} className={classes.cursor} style={{ height, display: "none" }} />
      {drag && <div className={classes.select} style={{ left: Math.min(...drag), width: Math.abs(drag[1] - drag[0]), height }} />}
      {told && <div className={classes.tip} style={{ top: Math.max(0, Math.min(told.y + 12, height - 28)), ...(told.x > left + width / 2 ? { right: `calc(100% - ${told.x - 10}px)` } : { left: told.x + 10 }) }}>{told.text}</div>}
    </div>
  );
}

function place(line: RefObject<HTMLDivElement | null>, px: number | undefined) {
  if (!line.current) return;
  line.current.style.display = px === undefined ? "none" : "block";
  if (px !== undefined) line.current.style.transform = `translateX(${px}px)`;
}
