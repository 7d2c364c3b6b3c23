import { ActionIcon, Button, NumberInput, SegmentedControl, Select, TextInput, Tooltip } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { lazy, Suspense, useCallback, useMemo, useState } from "react";
import { mapQuery } from "@/api/graph";
import type { MapNode, MapView } from "@/api/items";
import { useActions } from "@/app/actions";
import { useHealth } from "@/app/health";
import { useUrl } from "@/app/url";
import { Show } from "@/components/Query";
import { plural } from "@/format/number";
import { Empty } from "@/ui/Empty";
import { IconFit, IconSearch, IconZoomIn, IconZoomOut } from "@/ui/icons";
import { PageHead } from "@/ui/Panel";
import type { Controls } from "./Canvas";
import classes from "./Map.module.css";
import { MapList } from "./MapList";
import { defaultGrouping, draw, find, groupOf, opensAtFirst, tooMany, type Grouping, type View as Shown } from "./model";
import { Side } from "./Side";

const Canvas = lazy(() => import("./Canvas"));

export default function MapPage() {
  const [search] = useUrl();
  const group = search.group === "family" || search.group === "site" || search.group === "team" ? search.group : "class";
  const query = useQuery({ ...mapQuery({ focus: search.focus, hops: search.focus ? search.hops ?? "2" : undefined, group }), placeholderData: keepPreviousData });
  return (
    <Show query={query} height={400}>
      {(bare) => !bare.nodes?.length ? <><PageHead title="Map" /><Empty title="Nothing to draw yet">Items and their relations appear here as agents, discovery and imports find them.</Empty></> : <WithHealth view={bare} />}
    </Show>
  );
}

/** The map says what there is; alerts say how it is. */
function WithHealth({ view }: { view: MapView }) {
  const health = useHealth();
  const shown = useMemo(() => ({ nodes: (view.nodes ?? []).map((n) => ({ ...n, severity: health(n.id) as MapNode["severity"] })), edges: view.edges ?? [] }), [view, health]);
  return <View view={shown} leftOut={view.leftOut} />;
}

function View({ view, leftOut }: { view: Shown; leftOut: number }) {
  const [search, setUrl] = useUrl();
  const [controls, setControls] = useState<Controls>();
  const [text, setText] = useState("");
  // Names cannot be read on a map that fits a telephone: the list comes first there.
  const narrow = Boolean(useMediaQuery("(max-width: 48rem)", false, { getInitialValueInEffect: false }));
  const asList = search.view ? search.view === "list" : narrow;
  const showAs = (list: boolean) => setUrl({ view: list === narrow ? undefined : list ? "list" : "map" });
  const count = view.nodes.length;
  const wanted = (search.group as Grouping | undefined) ?? (search.focus ? "none" : defaultGrouping(count));
  const by: Grouping = wanted === "none" && count > tooMany ? "class" : wanted;
  const drawn = useMemo(() => {
    const listed = new Set(search.open);
    const open = search.open ? (g: string) => listed.has(g) : () => opensAtFirst(count);
    return draw(view, by, open);
  }, [view, by, search.open, count]);
  const hits = useMemo(() => find(view.nodes, text), [view.nodes, text]);
  const found = useMemo(() => new Set(hits.map((n) => n.id)), [hits]);
  const names = drawn.groups.map((g) => g.label);
  const openNow = drawn.groups.filter((g) => g.open).map((g) => g.label);
  const setOpen = useCallback((open: string[]) => setUrl({ open: open.length ? open : ["-"] }), [setUrl]);
  const toggle = (g: string) => setOpen(openNow.includes(g) ? openNow.filter((x) => x !== g) : [...openNow, g]);
  const select = useCallback((id: string | undefined) => setUrl({ show: id }), [setUrl]);
  const go = () => {
    const first = hits[0];
    if (!first) return;
    const group = groupOf(first, by);
    if (by !== "none" && !openNow.includes(group)) setOpen([...openNow, group]);
    select(first.id);
    setTimeout(() => controls?.show(hits.slice(0, 1).map((n) => n.id)), 400);
  };
  useActions([
    { id: "map-fit", label: "Fit the map", group: "View", keys: "f", run: () => controls?.fit() },
    { id: "map-list", label: asList ? "Show as a map" : "Show the map as a list", group: "View", keys: "v", run: () => showAs(!asList) },
    { id: "map-open", label: "Open all groups", group: "View", run: () => setOpen(names) },
    { id: "map-close", label: "Close all groups", group: "View", run: () => setOpen([]) },
  ]);
  return (
    <>
      <PageHead title="Map" sub={`${plural(count, "item")}, ${plural(view.edges.length, "relation")}${leftOut ? `; ${leftOut.toLocaleString("en")} more are left out: focus on one, or see the list of items` : ""}`} />
      <div className={classes.bar}>
        <TextInput data-search type="search" aria-label="Find on the map" placeholder="Find" leftSection={<IconSearch size={14} />} value={text} onChange={(e) => setText(e.currentTarget.value)}
          onKeyDown={(e) => e.key === "Enter" && go()} rightSection={text ? <span className="dim">{hits.length}</span> : null} style={{ width: "12rem" }} />
        <Select aria-label="Group by" value={by} allowDeselect={false} style={{ width: "9rem" }} onChange={(v) => setUrl({ group: v ?? undefined, open: undefined })}
          data={[{ value: "none", label: "No groups", disabled: count > tooMany }, { value: "class", label: "By class" }, { value: "family", label: "By kind" }, { value: "site", label: "By site" }, { value: "team", label: "By team" }]} />
        {by !== "none" && <Button variant="default" onClick={() => setOpen(openNow.length ? [] : names)}>{openNow.length ? "Close all" : "Open all"}</Button>}
        {search.focus && (
          <span className="row">
            <NumberInput aria-label="Hops around the focus" min={1} max={5} value={Number(search.hops ?? 2)} onChange={(v) => setUrl({ hops: String(v) })} style={{ width: "4.5rem" }} />
            <span className="dim">hops</span>
            <Button variant="default" onClick={() => setUrl({ focus: undefined, hops: undefined, show: undefined })}>Show everything</Button>
          </span>
        )}
        <div className={classes.right}>
          <Tooltip label="Zoom out"><ActionIcon aria-label="Zoom out" onClick={() => controls?.zoom(1 / 1.4)}><IconZoomOut size={16} /></ActionIcon></Tooltip>
          <Tooltip label="Zoom in"><ActionIcon aria-label="Zoom in" onClick={() => controls?.zoom(1.4)}><IconZoomIn size={16} /></ActionIcon></Tooltip>
          <Tooltip label="Fit (f)"><ActionIcon aria-label="Fit the map" onClick={() => controls?.fit()}><IconFit size={16} /></ActionIcon></Tooltip>
          <SegmentedControl aria-label="Show as" size="xs" value={asList ? "list" : "map"} onChange={(v) => showAs(v === "list")} data={[{ value: "map", label: "Map" }, { value: "list", label: "List" }]} />
        </div>
      </div>
      <div className={classes.stage}>
        {asList
          ? <MapList view={view} nodes={text ? hits : view.nodes} by={by} selected={search.show} onSelect={select} />
          : <Suspense fallback={<div className={classes.canvas}><div className={classes.busy} role="status">Arranging…</div></div>}><Canvas drawn={drawn} selected={search.show} found={found} onSelect={select} onToggle={toggle} onReady={setControls} /></Suspense>}
        {search.show && <Side view={view} id={search.show} onClose={() => select(undefined)} onSelect={select} />}
      </div>
    </>
  );
}
