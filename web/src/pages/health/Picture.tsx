import { ActionIcon, Tooltip } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { lazy, Suspense, useMemo, useState } from "react";
import { servicePictureQuery } from "@/api/health";
import type { ServicePicture } from "@/api/types";
import type { MapNode } from "@/api/items";
import { Show } from "@/components/Query";
import { IconFit, IconZoomIn, IconZoomOut } from "@/ui/icons";
import { levelOfState } from "@/ui/severity";
import type { Controls } from "@/pages/map/Canvas";
import { draw } from "@/pages/map/model";
import classes from "./Health.module.css";

const Canvas = lazy(() => import("@/pages/map/Canvas"));
const nothing = new Set<string>();

/** The service and everything it needs, drawn. */
export function Picture({ id }: { id: string }) {
  return <Show query={useQuery(servicePictureQuery(id))} height={320}>{(p) => <Drawing id={id} picture={p} />}</Show>;
}

function Drawing({ id, picture: p }: { id: string; picture: ServicePicture }) {
  const navigate = useNavigate();
  const [controls, setControls] = useState<Controls>();
  const drawn = useMemo(() => {
    const nodes = p.nodes.map((n): MapNode => ({ id: n.item, name: n.name, class: n.class, label: n.label, state: "active", distance: 0, severity: levelOfState(n.state) as MapNode["severity"] }));
    return draw({ nodes, edges: p.edges.map((e) => ({ from: e.from, to: e.to, type: "needs", group: e.group })) }, "none", () => true);
  }, [p]);
  return (
    <div className={classes.picture}>
      <Suspense fallback={<p className="dim" role="status" style={{ padding: "1rem" }}>Arranging…</p>}>
        <Canvas drawn={drawn} focus={id} selected={undefined} found={nothing} onSelect={(item) => { if (item && item !== id) void navigate({ to: "/items/$id", params: { id: item } }); }} onToggle={() => undefined} onReady={setControls} />
      </Suspense>
      <div className={classes.zoom}>
        <Tooltip label="Zoom out"><ActionIcon aria-label="Zoom out" onClick={() => controls?.zoom(1 / 1.4)}><IconZoomOut size={16} /></ActionIcon></Tooltip>
        <Tooltip label="Zoom in"><ActionIcon aria-label="Zoom in" onClick={() => controls?.zoom(1.4)}><IconZoomIn size={16} /></ActionIcon></Tooltip>
        <Tooltip label="Fit"><ActionIcon aria-label="Fit the map" onClick={() => controls?.fit()}><IconFit size={16} /></ActionIcon></Tooltip>
      </div>
      {p.leftOut && <p className="dim" style={{ padding: "0.25rem 0.75rem" }}>There is more below: open it in the tree.</p>}
    </div>
  );
}
