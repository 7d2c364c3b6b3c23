import { ActionIcon, Button, NumberInput, Select, TextInput, Tooltip } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { lazy, Suspense, useCallback, useMemo, useState } from "react";
import { healthQuery } from "@/api/events";
import { mapQuery } from "@/api/graph";
import { teamsQuery } from "@/api/platform";
import type { MapNode, MapView } from "@/api/items";
import { useActions } from "@/app/actions";
import { useHealth } from "@/app/health";
import { useCan } from "@/app/session";
import { useUrl } from "@/app/url";
import { Show } from "@/components/Query";
import { plural } from "@/format/number";
import { Empty } from "@/ui/Empty";
import type { Level } from "@/ui/severity";
import { IconFit, IconSearch, IconZoomIn, IconZoomOut } from "@/ui/icons";
import { PageHead } from "@/ui/Panel";
import { Segments } from "@/ui/Segments";
import type { Controls } from "./Canvas";
import classes from "./Map.module.css";
import { Legend } from "./Legend";
import { MapList } from "./MapList";
import { defaultGrouping, draw, find, groupName, groupOf, opensAtFirst, tally, tooMany, type Grouping, type View as Shown } from "./model";
import { Side } from "./Side";

// The drawing program is fetched while the graph is.
const drawing = import("./Canvas");
void import("./layout").then((l) => l.engine());
const Canvas = lazy(() => drawing);

export default function MapPage() {
  const [search] = useUrl();
  const group = search.group === "family" || search.group === "site" || search.group === "team" ? search.group : "class";
  const query = useQuery({ ...mapQuery({ focus: search.focus, hops: search.focus ? search.hops ?? "2" : undefined, group }), placeholderData: keepPreviousData });
  // The worst stand first, so how they are is waited for; without the right to ask it is unknown.
  const health = useQuery({ ...healthQuery, enabled: useCan()("items:read") });
  if (query.isPending || health.isLoading) return <><PageHead title="Map" sub="Reading items and relations…" /><div className={classes.canvas} style={{ minHeight: "24rem" }}><div className={classes.busy} role="status">Reading…</div></div></>;
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
  const teams = useQuery(teamsQuery);
  const labels = useMemo(() => new Map([...(view.groups ?? []).map((g) => [g.name, g.label] as const), ...(teams.data?.items ?? []).map((t) => [t.id, t.name] as const)]), [view, teams.data]);
  return <View view={shown} leftOut={view.leftOut} labels={labels} />;
}

function View({ view, leftOut, labels }: { view: Shown; leftOut: number; labels: ReadonlyMap<string, string> }) {
  const [search, setUrl] = useUrl();
  const [controls, setControls] = useState<Controls>();
  const [text, setText] = useState("");
  const [at, setAt] = useState(-1);
  const [level, setLevel] = useState<Level>();
  // Names cannot be read on a map that fits a telephone: the list comes first there.
  const narrow = Boolean(useMediaQuery("(max-width: 48rem)", false, { getInitialValueInEffect: false }));
  const asList = search.view ? search.view === "list" : narrow;
  const showAs = (list: boolean) => setUrl({ view: list === narrow ? undefined : list ? "list" : "map" });
  const count = view.nodes.length;
  const wanted = (search.group as Grouping | undefined) ?? defaultGrouping(count);
  const by: Grouping = wanted === "none" && count > tooMany ? "class" : wanted;
  const drawn = useMemo(() => {
    const listed = new Set(search.open);
    const open = search.open ? (g: string) => listed.has(g) : () => opensAtFirst(count);
    return draw(view, by, open, labels);
  }, [view, by, search.open, count, labels]);
  const counts = useMemo(() => tally(view.nodes), [view.nodes]);
  const hits = useMemo(() => (text ? find(view.nodes, text) : level ? view.nodes.filter((n) => (n.severity ?? "unknown") === level) : []), [view.nodes, text, level]);
  const found = useMemo(() => new Set(hits.map((n) => n.id)), [hits]);
  const focus = search.focus ? view.nodes.find((n) => n.id === search.focus) : undefined;
  const names = drawn.groups.map((g) => groupName(g.id));
  const openNow = drawn.groups.filter((g) => g.open).map((g) => groupName(g.id));
  const setOpen = useCallback((open: string[]) => setUrl({ open: open.length ? open : ["-"] }), [setUrl]);
  const toggle = (g: string) => setOpen(openNow.includes(g) ? openNow.filter((x) => x !== g) : [...openNow, g]);
  const select = useCallback((id: string | undefined) => setUrl({ show: id }), [setUrl]);
  /** To the next of those found, opening its group. */
  const go = () => {
    const next = hits[(at + 1) % hits.length];
    if (!next) return;
    setAt((at + 1) % hits.length);
    const group = groupOf(next, by);
    if (by !== "none" && !openNow.includes(group)) setOpen([...openNow, group]);
    select(next.id);
    controls?.show([next.id]);
  };
  useActions([
    { id: "map-fit", label: "Fit the map", group: "View", keys: "f", run: () => controls?.fit() },
    { id: "map-list", label: asList ? "Show as a map" : "Show the map as a list", group: "View", keys: "v", run: () => showAs(!asList) },
    { id: "map-open", label: "Open all groups", group: "View", run: () => setOpen(names) },
    { id: "map-close", label: "Close all groups", group: "View", run: () => setOpen([]) },
  ]);
  return (
    <>
      <PageHead title="Map" sub={`${plural(count, "item")}${focus ? ` within ${plural(Number(search.hops ?? 2), "hop")} of ${focus.name}` : ""}, ${plural(view.edges.length, "relation")}${leftOut ? `; ${leftOut.toLocaleString("en")} more are left out: focus on one, or see the list of items` : ""}`} />
      <div className={classes.bar}>
        <TextInput data-search type="search" aria-label="Find on the map" placeholder="Find" leftSection={<IconSearch size={14} />} value={text} onChange={(e) => { setText(e.currentTarget.value); setAt(-1); setLevel(undefined); }}
          onKeyDown={(e) => e.key === "Enter" && go()} rightSectionWidth={58} rightSectionPointerEvents="none" rightSection={text ? <span className="dim nowrap" role="status">{at >= 0 ? `${at + 1} of ${hits.length}` : hits.length || "none"}</span> : null} title="Enter goes to the next" style={{ width: "14rem" }} />
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
          <Segments aria-label="Show as" value={asList ? "list" : "map"} onChange={(v) => showAs(v === "list")} data={[{ value: "map", label: "Map" }, { value: "list", label: "List" }]} />
        </div>
      </div>
      <div className={classes.stage}>
        {asList
          ? <MapList view={view} nodes={text ? hits : view.nodes} by={by} labels={labels} selected={search.show} onSelect={select} />
          : <div className={classes.drawing}><Suspense fallback={<div className={classes.canvas}><div className={classes.busy} role="status">Arranging…</div></div>}><Canvas drawn={drawn} focus={search.focus} selected={search.show} found={found} onSelect={select} onToggle={toggle} onReady={setControls} /><Legend counts={counts} chosen={level} grouped={by !== "none"} onChoose={(l) => { setLevel(l); setText(""); setAt(-1); }} /></Suspense></div>}
        {search.show && <Side view={view} id={search.show} onClose={() => select(undefined)} onSelect={select} />}
      </div>
    </>
  );
}
