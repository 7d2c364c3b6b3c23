import cytoscape, { type Core, type ElementDefinition } from "cytoscape";
import { useEffect, useRef, useState } from "react";
import { useScheme } from "@/components/chart/size";
import { arrange, grid, type Place } from "./arrange";
import { layout } from "./layout";
import classes from "./Map.module.css";
import { groupName, type Drawn, type DrawnEdge, type Group } from "./model";
import { cards, pictures, sheet } from "./style";

interface Props {
  drawn: Drawn;
  focus?: string;
  selected?: string;
  found: Set<string>;
  onSelect: (id: string | undefined) => void;
  onToggle: (group: string) => void;
  onReady: (controls: Controls) => void;
}

export interface Controls {
  zoom: (factor: number) => void;
  fit: () => void;
  show: (ids: string[]) => void;
}

/** More than this many elements, and lines are left out while the map moves. */
const heavy = 1200;

/** The drawn graph. It is laid out anew only when what is drawn changes, not when a state does. */
export default function Canvas({ drawn, focus, selected, found, onSelect, onToggle, onReady }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const cy = useRef<Core>(undefined);
  const [busy, setBusy] = useState(true);
  // Counts what was laid out: each time the new elements get their states and marks.
  const [turn, setTurn] = useState(0);
  // Width by height; rows are broken for it, so it follows only large changes.
  const [aspect, setAspect] = useState(0);
  const [hover, setHover] = useState<{ text: string; x: number; y: number }>();
  const opened = useRef<Set<string>>(undefined);
  const wanted = useRef<string[]>(undefined);
  const scheme = useScheme();
  const handlers = useRef({ onSelect, onToggle });
  handlers.current = { onSelect, onToggle };
  const latest = useRef(drawn);
  latest.current = drawn;
  const shape = [...drawn.groups.map((g) => `${g.id}${g.open}${g.size}`), ...drawn.nodes.map((n) => n.id).sort(), ...drawn.edges.filter((e) => !e.quiet).map((e) => e.id)].join("\n");

  useEffect(() => {
    const c = cytoscape({ container: box.current!, minZoom: 0.03, maxZoom: 2.5, pixelRatio: "auto", hideEdgesOnViewport: drawn.nodes.length + drawn.edges.length > heavy, boxSelectionEnabled: false, autoungrabify: true, style: sheet() });
    cy.current = c;
    c.on("tap", (e) => {
      const id = e.target === c ? undefined : e.target.isNode?.() ? (e.target.id() as string) : undefined;
      if (id?.startsWith("group ")) handlers.current.onToggle(groupName(id));
      else handlers.current.onSelect(id);
    });
    c.on("mouseover", "node", (e) => {
      const at = e.target.renderedBoundingBox() as { x1: number; x2: number; y2: number };
      if (e.target.hasClass("open")) return;
      setHover({ text: describe(latest.current, e.target.id() as string), x: (at.x1 + at.x2) / 2, y: at.y2 });
      c.batch(() => e.target.connectedEdges().addClass("over"));
      box.current!.style.cursor = "pointer";
    });
    c.on("mouseover", "edge", (e) => setHover({ text: describeEdge(e.target.data("count") as number, name(e.target.source()), name(e.target.target()), Boolean(e.target.data("both"))), x: e.renderedPosition.x, y: e.renderedPosition.y + 8 }));
    c.on("mouseout", (e) => {
      setHover(undefined);
      if (e.target !== c) c.batch(() => c.edges(".over").removeClass("over"));
      box.current!.style.cursor = "";
    });
    c.on("viewport", () => setHover(undefined));
    onReady({
      zoom: (f) => c.zoom({ level: c.zoom() * f, renderedPosition: { x: c.width() / 2, y: c.height() / 2 } }),
      fit: () => fit(c),
      show: (ids) => { wanted.current = ids; if (ids.some((id) => c.$id(id).nonempty())) look(c, ids, wanted); },
    });
    return () => c.destroy();
    // The canvas lives as long as the page; what changes is applied below.
  }, []);

  useEffect(() => {
    const observer = new ResizeObserver(() => {
      const { clientWidth: w, clientHeight: h } = box.current!;
      const now = Math.max(0.4, w / Math.max(1, h));
      cy.current?.resize();
      setAspect((before) => (before && Math.abs(Math.log(now / before)) < 0.3 ? before : now));
    });
    observer.observe(box.current!);
    return () => observer.disconnect();
  }, []);

  useEffect(() => {
    if (!aspect) return;
    let current = true;
    setBusy(true);
    void layout(drawn, aspect).catch(() => arrange({ ...drawn, groups: [everything(drawn)] }, aspect)).then((places) => {
      const c = cy.current;
      if (!current || !c || c.destroyed()) return;
      const before = opened.current;
      opened.current = new Set(drawn.groups.filter((g) => g.open).map((g) => g.id));
      c.batch(() => { c.elements().remove(); c.add(elements(drawn, places)); });
      const fresh = before && [...opened.current].filter((id) => !before.has(id));
      if (wanted.current) look(c, wanted.current, wanted);
      else if (fresh?.length === 1) fit(c, fresh[0]);
      else fit(c);
      setBusy(false);
      setTurn((n) => n + 1);
    });
    return () => { current = false; };
  }, [shape, aspect]);

  useEffect(() => {
    const c = cy.current;
    if (!c || busy) return;
    const picture = pictures(), card = cards(drawn.groups);
    c.batch(() => {
      for (const n of drawn.nodes) c.$id(n.id).data({ level: n.severity ?? "unknown", picture: picture[n.severity ?? "unknown"] });
      for (const g of drawn.groups) c.$id(g.id).data({ level: g.level, picture: card.get(g.id), label: title(g) });
    });
  }, [drawn, busy, turn, scheme]);
  useEffect(() => void cy.current?.style(sheet()), [scheme]);

  useEffect(() => {
    const c = cy.current;
    if (!c || busy) return;
    c.batch(() => {
      c.elements().removeClass("near away found");
      c.edges(".quiet").remove();
      if (selected) c.add(drawn.edges.filter((e) => e.quiet && (e.from === selected || e.to === selected)).map((e) => line(e, 0)));
      c.nodes().unselect();
      c.nodes().removeClass("focus");
      if (focus) c.$id(focus).addClass("focus");
      const hit = new Set(drawn.groups.filter((g) => !g.open && g.members.some((m) => found.has(m.id))).map((g) => g.id));
      for (const id of [...found, ...hit]) c.$id(id).addClass("found");
      const at = selected ? c.$id(selected) : undefined;
      if (at?.nonempty()) {
        at.select();
        const near = at.closedNeighborhood();
        near.edges().addClass("near");
        c.elements().difference(near).not(".open").addClass("away");
      } else if (found.size) c.nodes().not(".found").not(".open").addClass("away");
    });
  }, [selected, focus, found, busy, turn]);

  return (
    <div className={classes.canvas}>
      <div ref={box} className={classes.surface} role="img" aria-label={`Map of ${drawn.nodes.length} items and ${drawn.groups.length} groups; the list shows the same to assistive tools`} />
      {hover && !busy && <div className={classes.hover} style={{ left: hover.x, top: hover.y }}>{hover.text}</div>}
      {busy && <div className={classes.busy} role="status">Arranging…</div>}
    </div>
  );
}

/** Should the engine fail, all stand in one grid. */
const everything = (d: Drawn): Group => ({ id: "group ", label: "", open: true, size: d.nodes.length, level: "unknown", troubled: 0, levels: {}, members: d.nodes });

const name = (node: { data: (k: string) => unknown }) => String(node.data("name"));

function describe(d: Drawn, id: string): string {
  const g = d.groups.find((x) => x.id === id);
  if (g) return `${g.label}: ${g.size} items${Object.entries(g.levels).filter(([l]) => l !== "clear").map(([l, n]) => `, ${n} ${l}`).join("")}. Click to open.`;
  const n = d.nodes.find((x) => x.id === id);
  return n ? `${n.name}: ${n.label.toLowerCase()}, ${n.severity ?? "unknown"}` : "";
}

const describeEdge = (count: number, from: string, to: string, both: boolean) => `${from} ${both ? "⇄" : "→"} ${to}: ${count === 1 ? "1 relation" : `${count} relations`}`;

function look(c: Core, ids: string[], wanted: { current?: string[] }) {
  const some = c.nodes().filter((n) => ids.includes(n.id()));
  if (some.empty()) return;
  wanted.current = undefined;
  c.resize();
  c.fit(some, 120);
  if (c.zoom() > 1.1) c.zoom(1.1);
  c.center(some);
}

function fit(c: Core, group?: string) {
  c.resize();
  const one = group ? c.$id(group) : undefined;
  c.fit(one?.nonempty() ? one : undefined, one ? 40 : 24);
  if (c.zoom() > 1.3) {
    c.zoom(1.3);
    c.center();
  }
}

const title = (g: Group) => (g.open ? `${words(g.label)} · ${g.size}` : `${words(g.label)}\n${g.size === 1 ? "1 item" : `${g.size} items`}${g.troubled ? `, ${g.troubled} in trouble` : ""}`);

function elements(d: Drawn, places: Map<string, Place>): ElementDefinition[] {
  const empty = "data:image/svg+xml;utf8,%3Csvg xmlns='http://www.w3.org/2000/svg' width='1' height='1'/%3E";
  return [
    ...d.groups.map((g): ElementDefinition => ({ data: { id: g.id, name: words(g.label), label: title(g), picture: empty, level: g.level, ...(g.open && inside(g)) }, classes: g.open ? "open" : "closed", position: places.get(g.id), selectable: false })),
    ...d.nodes.map((n): ElementDefinition => ({ data: { id: n.id, name: n.name, label: n.name, level: n.severity ?? "unknown", picture: empty }, classes: "item", position: places.get(n.id) })),
    ...d.edges.filter((e) => !e.quiet).map((e) => line(e, bend(places.get(e.from), places.get(e.to)))),
  ];
}

const line = (e: DrawnEdge, bent: number): ElementDefinition => ({ data: { id: `edge ${e.id}`, source: e.from, target: e.to, count: e.count, both: e.both, weight: Math.log2(e.count), bend: bent }, classes: e.quiet ? "quiet" : "", selectable: false });

function inside(g: Group) {
  const { width, height, head, font } = grid(g.size);
  return { width, height: height - head, font };
}

/** A line along a row would run through the cards in between: it goes around them. */
function bend(a: Place | undefined, b: Place | undefined): number {
  if (!a || !b || Math.abs(a.y - b.y) > 20 || Math.abs(a.x - b.x) < 300) return 0;
  return Math.min(120, 30 + Math.abs(a.x - b.x) / 12);
}

const words = (label: string) => label.replaceAll("_", " ");
