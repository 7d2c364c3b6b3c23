import { useMediaQuery } from "@mantine/hooks";
import { useMemo, useRef, useState } from "react";
import type { Panel, Place } from "@/api/dashboards";
import { useElementSize } from "@/components/chart/size";
import { IconDown, IconGrip } from "@/ui/icons";
import classes from "./Board.module.css";
import { useBoard } from "./context";
import { Frame, type Doings } from "./Frame";
import { below, columns, drawn, gap, move, rowHeight, type Drawn } from "./grid";
import { say } from "./variables";

const cell = rowHeight + gap;

interface Props {
  panels: Panel[];
  doings: (d: Drawn) => Doings;
  /** Given while the dashboard is edited: the new places of all panels. */
  onPlaces?: (places: Place[]) => void;
}

/** The panels on their grid; stacked where there is no room for one. */
export function Grid({ panels, doings, onPlaces }: Props) {
  const { filling } = useBoard();
  const [box, width] = useElementSize();
  const small = useMediaQuery("(max-width: 48rem)", false, { getInitialValueInEffect: false });
  const [folded, setFolded] = useState<ReadonlyMap<string, boolean>>(new Map());
  const [live, setLive] = useState<{ index: number; places: Place[] }>();
  const editing = Boolean(onPlaces);
  const isFolded = (key: string, p: Panel) => folded.get(key) ?? Boolean(p.collapsed);
  const shown = useMemo<Drawn[]>(
    // While it is edited everything is in the place that the document says.
    () => (editing ? panels.map((panel, index) => ({ key: String(index), index, panel, at: panel.at })) : drawn(panels, filling, isFolded)),
    [panels, filling, folded, editing],
  );
  const stacked = Boolean(small) && !editing;
  const unit = (width + gap) / columns;
  const places = panels.map((p) => p.at);
  const at = (d: Drawn) => (live ? live.places[d.index]! : d.at);
  const style = (p: Place): React.CSSProperties => ({ left: p.x * unit, top: p.y * cell, width: p.w * unit - gap, height: p.h * cell - gap });
  const ordered = stacked ? [...shown].sort((a, b) => a.at.y - b.at.y || a.at.x - b.at.x) : shown;
  return (
    <div ref={box} className={stacked ? classes.stacked : classes.grid} data-editing={editing || undefined} style={stacked ? undefined : { height: Math.max(below(shown.map(at)) * cell, 60) }}>
      {width > 0 && ordered.map((d) => (
        <div key={d.key} className={classes.cell} data-moving={live?.index === d.index || undefined} style={stacked ? { height: d.panel.type === "row" ? 34 : Math.min(d.at.h * cell, d.panel.type === "stat" ? 130 : 380) } : style(at(d))}>
          {d.panel.type === "row" ? (
            <div className={classes.row}>
              {onPlaces && <Handle d={d} places={places} unit={unit} onLive={setLive} onPlaces={onPlaces} />}
              <button type="button" className={classes.rowButton} aria-expanded={!isFolded(d.key, d.panel)} disabled={editing} onClick={() => setFolded(new Map(folded).set(d.key, !isFolded(d.key, d.panel)))}>
                <IconDown size={15} />{say(d.panel.title ?? "", { ...filling, values: { ...filling.values, ...d.values } }) || "Row"}
              </button>
              {editing && <RowDoings d={d} doings={doings(d)} />}
            </div>
          ) : (
            <Frame panel={d.panel} values={d.values} doings={doings(d)}
              handle={onPlaces && <Handle d={d} places={places} unit={unit} onLive={setLive} onPlaces={onPlaces} />}
              corner={onPlaces && <Drag className={classes.resize} d={d} places={places} unit={unit} resize onLive={setLive} onPlaces={onPlaces} />} />
          )}
        </div>
      ))}
    </div>
  );
}

const RowDoings = ({ d, doings }: { d: Drawn; doings: Doings }) => (
  <>
    {doings.edit && <button type="button" className={classes.rowButton} style={{ fontWeight: 450 }} onClick={doings.edit} aria-label={`Edit row ${d.panel.title ?? ""}`}>Edit</button>}
    {doings.remove && <button type="button" className={classes.rowButton} style={{ fontWeight: 450 }} onClick={doings.remove} aria-label={`Remove row ${d.panel.title ?? ""}`}>Remove</button>}
  </>
);

interface DragProps {
  d: Drawn;
  places: Place[];
  unit: number;
  onLive: (l: { index: number; places: Place[] } | undefined) => void;
  onPlaces: (places: Place[]) => void;
}

/** Follows the pointer, by whole cells; the others make way while it moves. */
function useDrag({ d, places, unit, onLive, onPlaces, resize }: DragProps & { resize?: boolean }) {
  const start = useRef<{ x: number; y: number; now: Place[] }>(undefined);
  return {
    onPointerDown: (e: React.PointerEvent) => { if (e.button !== 0) return; e.preventDefault(); (e.currentTarget as HTMLElement).focus(); e.currentTarget.setPointerCapture(e.pointerId); start.current = { x: e.clientX, y: e.clientY, now: places }; },
    onPointerMove: (e: React.PointerEvent) => {
      const s = start.current;
      if (!s) return;
      const dx = Math.round((e.clientX - s.x) / unit), dy = Math.round((e.clientY - s.y) / cell), p = places[d.index]!;
      s.now = dx || dy ? move(places, d.index, resize ? { ...p, w: Math.min(p.w + dx, columns - p.x), h: p.h + dy } : { ...p, x: p.x + dx, y: p.y + dy }) : places;
      onLive({ index: d.index, places: s.now });
    },
    onPointerUp: () => { const s = start.current; start.current = undefined; onLive(undefined); if (s && s.now !== places) onPlaces(s.now); },
    onPointerCancel: () => { start.current = undefined; onLive(undefined); },
  };
}

const Drag = ({ className, ...p }: DragProps & { className?: string; resize?: boolean }) => <div className={className} aria-hidden="true" {...useDrag(p)} />;

const arrows: Record<string, [number, number]> = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/** What a panel is moved by: dragged, or with the arrow keys; with shift they make it larger and smaller. */
function Handle(p: DragProps) {
  const drag = useDrag(p);
  const { d, places, onPlaces } = p;
  return (
    <button type="button" className={classes.handle} aria-label={`Move ${d.panel.title || d.panel.type}: arrow keys move it, with shift they change its size`} title="Drag, or arrow keys; shift and arrows change the size" {...drag}
      onKeyDown={(e) => {
        const by = arrows[e.key];
        if (!by) return;
        e.preventDefault();
        e.stopPropagation();
        const at = places[d.index]!;
        if (e.shiftKey) onPlaces(move(places, d.index, { ...at, w: Math.min(at.w + by[0], columns - at.x), h: at.h + by[1] }));
        else if (by[1] !== 0) onPlaces(step(places, d.index, by[1]));
        else onPlaces(move(places, d.index, { ...at, x: at.x + by[0] }));
      }}>
      <IconGrip size={14} />
    </button>
  );
}

/** One step up or down changes places with what is there: a single cell would be taken back. */
function step(places: Place[], index: number, by: number): Place[] {
  const at = places[index]!;
  const beside = places.filter((p, i) => i !== index && p.x < at.x + at.w && at.x < p.x + p.w);
  if (by < 0) {
    const above = beside.filter((p) => p.y + p.h <= at.y).sort((a, b) => b.y - a.y)[0];
    return above ? move(places, index, { ...at, y: above.y }) : places;
  }
  const next = beside.filter((p) => p.y >= at.y + at.h).sort((a, b) => a.y - b.y)[0];
  return next ? move(places, places.indexOf(next), { ...next, y: at.y }) : places;
}
