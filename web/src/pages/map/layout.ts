// Single items are placed in layers by ELK, in a worker so that the page stays
// alive meanwhile: what others need stands right of them.

import ELK, { type ElkNode } from "elkjs/lib/elk-api";
import workerUrl from "elkjs/lib/elk-worker.min.js?url";
import { arrange, tile, type Place } from "./arrange";
import type { Drawn } from "./model";

let elk: InstanceType<typeof ELK> | undefined;

/** Starts the engine ahead of the first graph. */
export function engine() {
  elk ??= new ELK({ workerFactory: () => new Worker(workerUrl) });
  return elk;
}

const options = (aspect: number) => ({
  "elk.algorithm": "layered",
  "elk.direction": "RIGHT",
  "elk.layered.spacing.nodeNodeBetweenLayers": "90",
  "elk.spacing.nodeNode": "10",
  "elk.spacing.componentComponent": "34",
  "elk.aspectRatio": aspect.toFixed(2),
  "elk.layered.nodePlacement.strategy": "BRANDES_KOEPF",
  "elk.layered.highDegreeNodes.treatment": "true",
});

/** The centre of every node and closed group, for a window of this width by height. */
export async function layout(d: Drawn, aspect: number): Promise<Map<string, Place>> {
  if (d.groups.length) return arrange(d, aspect);
  const children: ElkNode[] = d.nodes.map((n) => ({ id: n.id, width: tile.width, height: tile.height }));
  const edges = d.edges.map((e) => ({ id: e.id, sources: [e.from], targets: [e.to] }));
  const placed = await engine().layout({ id: "root", layoutOptions: options(aspect), children, edges });
  return new Map((placed.children ?? []).map((c) => [c.id, { x: (c.x ?? 0) + c.width! / 2, y: (c.y ?? 0) + c.height! / 2 }]));
}
