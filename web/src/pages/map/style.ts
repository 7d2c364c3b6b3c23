import type { StylesheetJson } from "cytoscape";
import { asLevel, type Level } from "@/ui/severity";
import { closed, tile } from "./layout";

const css = (name: string) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

// The same shapes as Mark draws, as pictures the canvas can use.
const shapes: Record<Level, (c: string, paper: string) => string> = {
  critical: (c, p) => `<path d="M5 1h6l4 4v6l-4 4H5l-4-4V5Z" fill="${c}"/><path d="m5.6 5.6 4.8 4.8m0-4.8-4.8 4.8" stroke="${p}" stroke-width="1.8"/>`,
  major: (c, p) => `<path d="M8 1.2 15.4 14.4H.6Z" fill="${c}"/><path d="M8 6v4m0 2v.6" stroke="${p}" stroke-width="1.8"/>`,
  minor: (c, p) => `<path d="M8 .8 15.2 8 8 15.2.8 8Z" fill="${c}"/><path d="M8 5v3.6m0 2v.5" stroke="${p}" stroke-width="1.7"/>`,
  warning: (c) => `<path d="M8 2 14.6 13.8H1.4Z" fill="none" stroke="${c}" stroke-width="1.7"/><path d="M8 6.6v3m0 1.6v.5" stroke="${c}" stroke-width="1.5"/>`,
  info: (c) => `<circle cx="8" cy="8" r="6.4" fill="none" stroke="${c}" stroke-width="1.7"/><path d="M8 7.4v3.4M8 5v.5" stroke="${c}" stroke-width="1.7"/>`,
  clear: (c) => `<path d="m2.8 8.6 3.4 3.4 7-8" fill="none" stroke="${c}" stroke-width="2"/>`,
  unknown: (c) => `<circle cx="8" cy="8" r="5.6" fill="none" stroke="${c}" stroke-width="1.6" stroke-dasharray="2.6 2.2"/>`,
};

export function pictures(): Record<Level, string> {
  const paper = css("--paper");
  return Object.fromEntries(Object.entries(shapes).map(([level, draw]) => [
    level, `data:image/svg+xml;utf8,${encodeURIComponent(`<svg xmlns="http://www.w3.org/2000/svg" width="32" height="32" viewBox="0 0 16 16">${draw(css(`--${level}`), paper)}</svg>`)}`,
  ])) as Record<Level, string>;
}

/** How the map looks in the present theme. */
export function sheet(): StylesheetJson {
  const text = css("--text"), dim = css("--text-2"), paper = css("--paper"), line = css("--line-strong");
  const level = (name: string | undefined) => css(`--${asLevel(name)}`);
  return [
    { selector: "node.item, node.closed", style: {
      shape: "round-rectangle", width: tile.width, height: tile.height, "background-color": paper, "border-width": 1, "border-color": line,
      label: "data(label)", color: text, "font-size": 11, "font-family": "system-ui, sans-serif", "text-valign": "center", "text-halign": "center", "text-margin-x": 9,
      "text-wrap": "ellipsis", "text-max-width": `${tile.width - 34}px`, "min-zoomed-font-size": 6,
      "background-image": "data(picture)", "background-width": 14, "background-height": 14, "background-position-x": 7, "background-position-y": "50%", "background-clip": "none",
    } },
    { selector: "node.item[?troubled]", style: { "border-width": 2, "border-color": (n: { data: (k: string) => string }) => level(n.data("level")), "background-color": (n: { data: (k: string) => string }) => css(`--${asLevel(n.data("level"))}-soft`) } },
    { selector: "node.closed", style: { width: closed.width, height: closed.height, "font-size": 12, "font-weight": 600, "text-wrap": "wrap", "text-max-width": `${closed.width - 40}px`, "border-style": "double", "border-width": 3, "background-width": 18, "background-height": 18, "background-position-x": 9 } },
    { selector: "node.closed[?troubled]", style: { "border-color": (n: { data: (k: string) => string }) => level(n.data("level")) } },
    { selector: "node.open", style: {
      shape: "round-rectangle", "background-color": css("--sunken"), "background-opacity": 0.7, "border-width": 1, "border-color": line, padding: "16px",
      label: "data(label)", color: dim, "font-size": 13, "font-weight": 600, "text-valign": "top", "text-halign": "center", "text-margin-y": 20, "min-zoomed-font-size": 7,
    } },
    { selector: "edge", style: {
      width: "mapData(count, 1, 30, 1, 5)", "line-color": line, "target-arrow-color": line, "target-arrow-shape": "triangle", "arrow-scale": 0.7, "curve-style": "bezier", opacity: 0.8,
    } },
    { selector: "edge.quiet", style: { display: "none" } },
    { selector: "edge.near", style: { display: "element", "line-color": text, "target-arrow-color": text, opacity: 1, "z-index": 10 } },
    { selector: ".away", style: { opacity: 0.28 } },
    { selector: "node.found", style: { "border-width": 3, "border-color": text } },
    { selector: "node:selected", style: { "border-width": 3, "border-color": text } },
  ] as StylesheetJson;
}
