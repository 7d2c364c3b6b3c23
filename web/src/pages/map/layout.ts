// Where everything stands. Members of an open group stand in a grid; groups,
// or single nodes, are placed in layers by ELK in a worker, so that what others
// need stands right of them and the page stays alive meanwhile. Names are wide and
// low: layers that run down use the screen best.

import ELK, { type ElkNode } from "elkjs/lib/elk-api";
import workerUrl from "elkjs/lib/elk-worker.min.js?url";
import type { Drawn, Group } from "./model";

export interface Place {
  x: number;
  y: number;
}

export const tile = { width: 150, height: 30, gap: 10 };
export const closed = { width: 190, height: 58 };
const padding = 18;

/** The inside of an open group: columns so that it comes out a little wider than high. */
export function grid(count: number): { columns: number; width: number; height: number } {
  const columns = Math.max(1, Math.ceil(Math.sqrt((count * tile.height * 1.6) / tile.width)));
  const rows = Math.ceil(count / columns);
  return {
    columns,
    width: columns * (tile.width + tile.gap) - tile.gap + 2 * padding,
    height: rows * (tile.height + tile.gap) - tile.gap + 2 * padding + 20,
  };
}

let elk: InstanceType<typeof ELK> | undefined;

function engine() {
  elk ??= new ELK({ workerFactory: () => new Worker(workerUrl) });
  return elk;
}

const options = {
  "elk.algorithm": "layered",
  "elk.direction": "RIGHT",
  "elk.layered.spacing.nodeNodeBetweenLayers": "90",
  "elk.spacing.nodeNode": "14",
  "elk.spacing.componentComponent": "34",
  "elk.aspectRatio": "1.7",
  "elk.layered.compaction.postCompaction.strategy": "EDGE_LENGTH",
  "elk.layered.nodePlacement.strategy": "BRANDES_KOEPF",
};

const size = (g: Group) => (g.open ? grid(g.size) : closed);

/** The centre of every node and closed group. */
export async function layout(d: Drawn): Promise<Map<string, Place>> {
  const children: ElkNode[] = d.groups.length
    ? d.groups.map((g) => ({ id: g.id, width: size(g).width, height: size(g).height }))
    : d.nodes.map((n) => ({ id: n.id, width: tile.width, height: tile.height }));
  const parent = new Map(d.nodes.map((n) => [n.id, n.parent ?? n.id]));
  const ends = new Map<string, { id: string; sources: string[]; targets: string[] }>();
  for (const e of d.edges) {
    const a = parent.get(e.from) ?? e.from, b = parent.get(e.to) ?? e.to;
    if (a !== b && !ends.has(`${a} > ${b}`)) ends.set(`${a} > ${b}`, { id: `${a} > ${b}`, sources: [a], targets: [b] });
  }
  const placed = await engine().layout({ id: "root", layoutOptions: options, children, edges: [...ends.values()] });
  const out = new Map<string, Place>();
  const groups = new Map(d.groups.map((g) => [g.id, g]));
  for (const c of placed.children ?? []) {
    const x = c.x ?? 0, y = c.y ?? 0;
    const g = groups.get(c.id);
    if (!g?.open) out.set(c.id, { x: x + c.width! / 2, y: y + c.height! / 2 });
    else for (const [i, m] of g.members.entries()) {
      const { columns } = grid(g.size);
      out.set(m.id, { x: x + padding + (i % columns) * (tile.width + tile.gap) + tile.width / 2, y: y + padding + 20 + Math.floor(i / columns) * (tile.height + tile.gap) + tile.height / 2 });
    }
  }
  return out;
}
