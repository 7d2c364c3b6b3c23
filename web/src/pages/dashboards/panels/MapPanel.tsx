import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { lazy, Suspense, useMemo } from "react";
import { choicesQuery } from "@/api/dashboards";
import { mapQuery } from "@/api/graph";
import type { MapNode } from "@/api/items";
import { useHealth } from "@/app/health";
import { Show } from "@/components/Query";
import { draw, opensAtFirst } from "@/pages/map/model";
import { Empty } from "@/ui/Empty";
import { fill } from "../variables";
import classes from "./Panels.module.css";
import type { PanelProps } from "./props";

const Canvas = lazy(() => import("@/pages/map/Canvas"));

/** The items a selector matches and what joins them, in the colours of their states. */
export default function MapPanel({ panel: p, filling }: Pick<PanelProps, "panel" | "filling">) {
  const items = useQuery(choicesQuery(fill(p.selector ?? "", filling)));
  const graph = useQuery(mapQuery({}));
  const health = useHealth();
  const navigate = useNavigate();
  const drawn = useMemo(() => {
    const wanted = new Map((items.data ?? []).map((i) => [i.id, i]));
    const known = new Map((graph.data?.nodes ?? []).map((n) => [n.id, n]));
    const nodes = [...wanted.values()].map((i) => ({ ...(known.get(i.id) ?? { id: i.id, name: i.name, class: i.class }), severity: health(i.id) }) as MapNode);
    const edges = (graph.data?.edges ?? []).filter((e) => wanted.has(e.from) && wanted.has(e.to));
    return draw({ nodes, edges }, nodes.length > 120 ? "class" : "none", () => opensAtFirst(nodes.length));
  }, [items.data, graph.data, health]);
  return (
    <Show query={items} lines={3}>
      {(list) => list.length ? (
        <div className={classes.map}><Suspense><Canvas drawn={drawn} found={none} onSelect={(id) => { if (id) void navigate({ to: "/items/$id", params: { id } }); }} onToggle={() => undefined} onReady={() => undefined} /></Suspense></div>
      ) : <Empty title="The selector matches no item" />}
    </Show>
  );
}

const none = new Set<string>();
