import type { StylesheetJson } from "cytoscape";
import type { Level } from "@/ui/severity";
import { closed, tile } from "./arrange";
import type { Group } from "./model";

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

const barOrder: Level[] = ["critical", "major", "minor", "warning", "info", "unknown", "clear"];

/** Closed groups as cards: the mark of their worst member, and how their members share the states. */
export function cards(groups: Group[]): Map<string, string> {
  const paper = css("--paper");
  const { width: w, height: h } = closed;
  return new Map(groups.map((g) => {
    let x = 14;
    const whole = w - 28;
    const known = barOrder.filter((l) => g.levels[l]);
    const bar = known.map((l) => {
      const part = Math.max(2.5, (g.levels[l]! / g.size) * (whole - 2.5 * known.length));
      const rect = `<rect x="${x.toFixed(1)}" y="${h - 15}" width="${part.toFixed(1)}" height="5" fill="${css(`--${l}`)}" opacity="${l === "clear" || l === "unknown" ? 0.35 : 1}"/>`;
      x += part;
      return rect;
    }).join("");
    const mark = `<g transform="translate(13 ${h / 2 - 15})">${shapes[g.level](css(`--${g.level}`), paper)}</g>`;
    return [g.id, `data:image/svg+xml;utf8,${encodeURIComponent(`<svg xmlns="http://www.w3.org/2000/svg" width="${w * 3}" height="${h * 3}" viewBox="0 0 ${w} ${h}">${mark}${bar}</svg>`)}`];
  }));
}

/** How the map looks in the present theme. */
export function sheet(): StylesheetJson {
  const text = css("--text"), dim = css("--text-2"), paper = css("--paper"), line = css("--line-strong");
  const troubles: Level[] = ["critical", "major", "minor", "warning", "info"];
  return [
    { selector: "node.item, node.closed", style: {
      shape: "round-rectangle", width: tile.width, height: tile.height, "background-color": paper, "border-width": 1, "border-color": line,
      label: "data(label)", color: text, "font-size": 11, "font-family": "system-ui, sans-serif", "text-valign": "center", "text-halign": "center", "text-margin-x": 9,
      "text-wrap": "ellipsis", "text-max-width": `${tile.width - 34}px`, "min-zoomed-font-size": 6,
      "background-image": "data(picture)", "background-width": 14, "background-height": 14, "background-position-x": 7, "background-position-y": "50%", "background-clip": "none",
    } },
    ...troubles.map((l) => ({ selector: `node.item[level = "${l}"]`, style: { "border-width": 2, "border-color": css(`--${l}`), "background-color": css(`--${l}-soft`) } })),
    { selector: "node.closed", style: { width: closed.width, height: closed.height, "font-size": 12.5, "font-weight": 600, "line-height": 1.3, "text-wrap": "wrap", "text-max-width": `${closed.width - 44}px`, "text-margin-x": 10, "text-margin-y": -7, "min-zoomed-font-size": 5, "border-width": 1.5, "background-width": "100%", "background-height": "100%", "background-position-x": 0, "background-position-y": 0 } },
    ...troubles.map((l) => ({ selector: `node.closed[level = "${l}"]`, style: { "border-color": css(`--${l}`) } })),
    { selector: "node.open", style: {
      shape: "round-rectangle", width: "data(width)", height: "data(height)", "z-index-compare": "manual", "z-index": -1, "background-color": css("--sunken"), "border-width": 1, "border-color": line,
      label: "data(label)", color: text, "font-size": "data(font)", "font-family": "system-ui, sans-serif", "font-weight": 600, "text-valign": "top", "text-halign": "center", "text-margin-y": -4, "min-zoomed-font-size": 5,
    } },
    { selector: "edge", style: {
      width: "mapData(weight, 0, 9, 1, 6)", "line-color": line, "target-arrow-color": line, "target-arrow-shape": "triangle", "arrow-scale": 0.8, "curve-style": "straight", opacity: 0.75,
    } },
    { selector: "edge[?both]", style: { "source-arrow-shape": "triangle", "source-arrow-color": line } },
    { selector: "edge[bend > 0]", style: { "curve-style": "unbundled-bezier", "control-point-distances": "data(bend)", "control-point-weights": 0.5 } },
    { selector: "edge.near", style: { "line-color": text, "target-arrow-color": text, "source-arrow-color": text, opacity: 1, "z-index": 10 } },
    { selector: "edge.over", style: { "line-color": dim, "target-arrow-color": dim, "source-arrow-color": dim, opacity: 1, "z-index": 9 } },
    { selector: "node.away", style: { opacity: 0.3 } },
    { selector: "edge.away", style: { opacity: 0.07 } },
    { selector: "node.focus", style: { "border-width": 3, "border-color": text, "font-weight": 700 } },
    { selector: "node.found", style: { "border-width": 3, "border-color": text } },
    { selector: "node:selected", style: { "border-width": 3, "border-color": text } },
  ] as StylesheetJson;
}
