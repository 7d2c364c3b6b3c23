import cytoscape, { type Core, type ElementDefinition } from "cytoscape";
import { useEffect, useRef, useState } from "react";
import { useScheme } from "@/components/chart/size";
import { layout, type Place } from "./layout";
import classes from "./Map.module.css";
import type { Drawn } from "./model";
import { pictures, sheet } from "./style";

interface Props {
  drawn: Drawn;
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

/** The drawn graph. It is laid out anew only when what is drawn changes, not when a state does. */
export default function Canvas({ drawn, selected, found, onSelect, onToggle, onReady }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const cy = useRef<Core>(undefined);
  const [busy, setBusy] = useState(true);
  const scheme = useScheme();
  const handlers = useRef({ onSelect, onToggle });
  handlers.current = { onSelect, onToggle };
  const shape = [...drawn.groups.map((g) => `${g.id}${g.open}${g.size}`), ...drawn.nodes.map((n) => n.id), ...drawn.edges.map((e) => e.id)].join("\n");

  useEffect(() => {
    const c = cytoscape({ container: box.current!, minZoom: 0.03, maxZoom: 2.5, wheelSensitivity: 1, pixelRatio: "auto", textureOnViewport: false, hideEdgesOnViewport: false, boxSelectionEnabled: false, autoungrabify: true });
    cy.current = c;
    c.on("tap", (e) => {
      const id = e.target === c ? undefined : e.target.isNode?.() ? (e.target.id() as string) : undefined;
      if (id?.startsWith("group ")) handlers.current.onToggle(id.slice("group ".length));
      else handlers.current.onSelect(id);
    });
    onReady({
      zoom: (f) => c.zoom({ level: c.zoom() * f, renderedPosition: { x: c.width() / 2, y: c.height() / 2 } }),
      fit: () => fit(c),
      show: (ids) => { const some = c.nodes().filter((n) => ids.includes(n.id())); if (some.nonempty()) c.animate({ fit: { eles: some, padding: 120 }, duration: 150 }); if (c.zoom() > 1.1) c.zoom(1.1); },
    });
    return () => c.destroy();
    // The canvas lives as long as the page; what changes is applied below.
  }, []);

  useEffect(() => {
    let current = true;
    setBusy(true);
    void layout(drawn).then((places) => {
      const c = cy.current;
      if (!current || !c || c.destroyed()) return;
      c.batch(() => { c.elements().remove(); c.add(elements(drawn, places)); });
      fit(c);
      setBusy(false);
    });
    return () => { current = false; };
  }, [shape]);

  useEffect(() => {
    const c = cy.current;
    if (!c || busy) return;
    const picture = pictures();
    c.batch(() => {
      for (const n of drawn.nodes) c.$id(n.id).data({ level: n.severity ?? "unknown", picture: picture[n.severity ?? "unknown"], troubled: troubled(n.severity) });
      for (const g of drawn.groups) c.$id(g.id).data({ level: g.level, picture: picture[g.level], troubled: g.troubled > 0 });
    });
    c.style(sheet());
  }, [drawn, busy, scheme]);

  useEffect(() => {
    const c = cy.current;
    if (!c || busy) return;
    c.batch(() => {
      c.elements().removeClass("near away found");
      c.nodes().unselect();
      for (const id of found) c.$id(id).addClass("found");
      const at = selected ? c.$id(selected) : undefined;
      if (at?.nonempty()) {
        at.select();
        const near = at.closedNeighborhood();
        near.edges().addClass("near");
        c.elements().difference(near.union(near.ancestors())).filter((e) => !e.hasClass("open")).addClass("away");
      }
    });
  }, [selected, found, busy, shape]);

  return (
    <div className={classes.canvas}>
      <div ref={box} className={classes.surface} role="img" aria-label={`Map of ${drawn.nodes.length} items and ${drawn.groups.length} groups; the list shows the same to assistive tools`} />
      {busy && <div className={classes.busy} role="status">Arranging…</div>}
    </div>
  );
}

const troubled = (severity: string | undefined) => Boolean(severity) && severity !== "clear" && severity !== "unknown";

function fit(c: Core) {
  c.resize();
  c.fit(undefined, 24);
  if (c.zoom() > 1.15) {
    c.zoom(1.15);
    c.center();
  }
}

function elements(d: Drawn, places: Map<string, Place>): ElementDefinition[] {
  const empty = "data:image/svg+xml;utf8,%3Csvg xmlns='http://www.w3.org/2000/svg' width='1' height='1'/%3E";
  return [
    ...d.groups.map((g): ElementDefinition => ({ data: { id: g.id, label: g.open ? `${words(g.label)} · ${g.size}` : `${words(g.label)}\n${g.size} items${g.troubled ? `, ${g.troubled} in trouble` : ""}`, picture: empty }, classes: g.open ? "open" : "closed", position: places.get(g.id), selectable: false })),
    ...d.nodes.map((n): ElementDefinition => ({ data: { id: n.id, label: n.name, parent: n.parent, picture: empty }, classes: "item", position: places.get(n.id) })),
    ...d.edges.map((e): ElementDefinition => ({ data: { id: `edge ${e.id}`, source: e.from, target: e.to, count: e.count }, classes: e.quiet ? "quiet" : "", selectable: false })),
  ];
}

const words = (label: string) => label.replaceAll("_", " ");
