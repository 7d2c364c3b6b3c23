// What is drawn of a graph: groups, the members of those that are open, and
// edges between whatever stands for their ends.

import type { MapEdge, MapNode } from "@/api/items";
import { asLevel, levelRank, worst, type Level } from "@/ui/severity";

export type Grouping = "none" | "class" | "family" | "site" | "team";

/** A map with no list left out. */
export interface View {
  nodes: MapNode[];
  edges: MapEdge[];
}

export interface Group {
  id: string;
  label: string;
  open: boolean;
  size: number;
  level: Level;
  /** Members in a state worth a look. */
  troubled: number;
  levels: Partial<Record<Level, number>>;
  /** The worst first, so that they are seen first. */
  members: MapNode[];
}

export interface DrawnEdge {
  id: string;
  from: string;
  to: string;
  count: number;
  /** Drawn only when one of its ends is chosen. */
  quiet: boolean;
  /** Some of what it stands for goes the other way. */
  both?: boolean;
}

export interface Drawn {
  groups: Group[];
  nodes: (MapNode & { parent?: string })[];
  edges: DrawnEdge[];
}

/** More single nodes than this are not laid out one by one. */
export const tooMany = 400;
/** With more, groups start closed. */
const openBelow = 250;
const quietAbove = 300;

export function defaultGrouping(count: number): Grouping {
  return count > 60 ? "class" : "none";
}

export const opensAtFirst = (count: number) => count <= openBelow;

const without: Record<Grouping, string> = { none: "", class: "no class", family: "no kind", site: "no site", team: "no team" };

/** The group of a node: by class it knows it itself, otherwise the server says. */
export function groupOf(node: MapNode, by: Grouping): string {
  if (by === "none") return "";
  return (by === "class" ? node.class : node.group) || without[by];
}

const troubled = (n: MapNode) => levelRank(n.severity) > levelRank("unknown");

/** How many nodes there are of each level. */
export function tally(nodes: MapNode[]): Partial<Record<Level, number>> {
  const out: Partial<Record<Level, number>> = {};
  for (const n of nodes) out[asLevel(n.severity)] = (out[asLevel(n.severity)] ?? 0) + 1;
  return out;
}

export function draw(view: View, by: Grouping, isOpen: (group: string) => boolean, labels: ReadonlyMap<string, string> = new Map()): Drawn {
  if (by === "none") {
    return { groups: [], nodes: view.nodes, edges: single(view, (id) => id, () => view.edges.length > 4 * tooMany) };
  }
  const byName = new Map<string, MapNode[]>();
  for (const n of view.nodes) {
    const key = groupOf(n, by);
    const members = byName.get(key);
    if (members) members.push(n);
    else byName.set(key, [n]);
  }
  const groups = [...byName.entries()].sort(([a], [b]) => a.localeCompare(b)).map(([label, members]): Group => ({
    id: `group ${label}`, label: labels.get(label) ?? label, open: isOpen(label), size: members.length, level: worst(members.map((m) => m.severity)),
    troubled: members.filter(troubled).length, levels: tally(members),
    members: members.sort((a, b) => levelRank(b.severity) - levelRank(a.severity) || a.name.localeCompare(b.name)),
  }));
  const nodes = groups.filter((g) => g.open).flatMap((g) => g.members.map((m) => ({ ...m, parent: g.id })));
  const groupIds = new Map<string, Group>();
  for (const g of groups) for (const m of g.members) groupIds.set(m.id, g);
  const stands = (id: string) => {
    const g = groupIds.get(id);
    return g ? (g.open ? id : g.id) : undefined;
  };
  const many = nodes.length > quietAbove;
  const edges = single(view, stands, (a, b) => many && !a.startsWith("group ") && !b.startsWith("group "));
  if (many) edges.push(...single(view, (id) => groupIds.get(id)?.id, () => false).filter((e) => isOpen(groupName(e.from)) || isOpen(groupName(e.to))));
  return { groups, nodes, edges: joined(unique(edges)) };
}

/** The name of a group by its id in the drawing. */
export const groupName = (id: string) => id.slice("group ".length);

/** Between groups one line stands for both directions, pointing where most goes. */
function joined(edges: DrawnEdge[]): DrawnEdge[] {
  const out = new Map<string, DrawnEdge>();
  for (const e of edges) {
    const back = out.get(`${e.to} > ${e.from}`);
    if (!back || !e.from.startsWith("group ") || !e.to.startsWith("group ")) out.set(e.id, e);
    else if (back.count >= e.count) out.set(back.id, { ...back, count: back.count + e.count, both: true });
    else {
      out.delete(back.id);
      out.set(e.id, { ...e, count: back.count + e.count, both: true });
    }
  }
  return [...out.values()];
}

function single(view: Pick<View, "edges">, stands: (id: string) => string | undefined, quiet: (a: string, b: string) => boolean): DrawnEdge[] {
  const drawn = new Map<string, DrawnEdge>();
  for (const e of view.edges) {
    const from = stands(e.from), to = stands(e.to);
    if (!from || !to || from === to) continue;
    const id = `${from} > ${to}`;
    const known = drawn.get(id);
    if (known) known.count++;
    else drawn.set(id, { id, from, to, count: 1, quiet: quiet(from, to) });
  }
  return [...drawn.values()];
}

function unique(edges: DrawnEdge[]): DrawnEdge[] {
  return [...new Map(edges.map((e) => [e.id, e])).values()];
}

/** Nodes whose name, class or id says what was typed. */
export function find(nodes: MapNode[], text: string): MapNode[] {
  const t = text.trim().toLowerCase();
  return t ? nodes.filter((n) => n.name.toLowerCase().includes(t) || n.id.toLowerCase() === t) : [];
}

/** The ids within n hops of one node, in either direction. */
export function within(edges: MapEdge[], start: string, hops: number): Set<string> {
  const next = new Map<string, string[]>();
  for (const e of edges) {
    next.set(e.from, [...(next.get(e.from) ?? []), e.to]);
    next.set(e.to, [...(next.get(e.to) ?? []), e.from]);
  }
  const seen = new Set([start]);
  let rim = [start];
  for (let h = 0; h < hops && rim.length; h++) {
    rim = rim.flatMap((id) => next.get(id) ?? []).filter((id) => !seen.has(id) && seen.add(id));
  }
  return seen;
}
