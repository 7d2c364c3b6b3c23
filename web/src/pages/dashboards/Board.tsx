import { Button, Select } from "@mantine/core";
import { useEffect, useMemo, useRef, useState, type ReactNode } from "react";
import type { Place, Spec } from "@/api/dashboards";
import { useRange } from "@/app/range";
import { useActions } from "@/app/actions";
import { useUrl } from "@/app/url";
import { parseDuration, stepFor } from "@/state/range";
import { Empty } from "@/ui/Empty";
import { IconRefresh } from "@/ui/icons";
import classes from "./Board.module.css";
import { BoardContext, type Board as Shared } from "./context";
import { Frame, type Doings } from "./Frame";
import { Grid } from "./Grid";
import { drawn, type Drawn } from "./grid";
import { marked } from "./happenings";
import { useVariables } from "./useVariables";
import { readValues, writeValues, type Filling } from "./variables";
import { VariablesBar } from "./VariablesBar";

const paces = ["off", "5s", "10s", "15s", "30s", "1m", "5m", "15m", "1h"];
/** As good as never. */
const never = 2_000_000_000;

interface Props {
  spec: Spec;
  /** Of a panel, by its place in the document; view is added here. */
  doings?: (index: number) => Doings;
  onPlaces?: (places: Place[]) => void;
  /** Stands in for the grid: the editor of a panel. */
  instead?: ReactNode;
  empty?: ReactNode;
  /** Taken away from the variables: the page has its own way to choose it. */
  without?: string;
}

/** A dashboard at work: its variables, its time, its panels. */
export function Board({ spec, doings, onPlaces, instead, empty, without }: Props) {
  const [search, setUrl] = useUrl();
  const range = useRange();
  const [turn, setTurn] = useState(0);
  const address = useMemo(() => readValues(search.var), [search.var]);
  const variables = useMemo(() => spec.variables ?? [], [spec.variables]);
  const resolved = useVariables(variables, address, range.from, range.to);
  const pace = search.refresh ?? spec.refresh ?? "15s";
  const every = pace === "off" ? undefined : parseDuration(pace) ?? 15_000;
  // The range of the document holds where the address has none.
  const opened = useRef(false);
  useEffect(() => {
    if (opened.current) return;
    opened.current = true;
    if (!search.from && (spec.from || spec.to)) setUrl({ from: spec.from || "now-3h", to: spec.to || "now" });
  }, []);
  const { pace: setPace } = range;
  useEffect(() => {
    setPace(every ?? never);
    return () => setPace(undefined);
  }, [every, setPace]);
  useKiosk(search.kiosk === "1", () => setUrl({ kiosk: undefined }));
  const filling = useMemo<Filling>(
    () => ({ values: resolved.data?.values ?? {}, options: resolved.data?.options ?? {}, step: stepFor(range.from, range.to, 240), from: range.from, to: range.to }),
    [resolved.data, range.from, range.to],
  );
  const shared = useMemo<Shared>(() => ({ filling, turn, every, zoom: range.zoom, marks: marked(spec.marks) }), [filling, turn, every, range.zoom, spec.marks]);
  useActions([
    { id: "board-refresh", label: "Refresh the dashboard", group: "View", keys: "r", run: () => setTurn(turn + 1) },
    { id: "board-kiosk", label: "Show the dashboard alone (for a wall)", group: "View", keys: "k", run: () => { setUrl({ kiosk: "1" }); void document.documentElement.requestFullscreen?.().catch(() => undefined); } },
    ...(search.panel !== undefined ? [{ id: "board-back", label: "Back to the whole dashboard", group: "View" as const, keys: "Escape", run: () => setUrl({ panel: undefined }) }] : []),
  ]);
  const panels = spec.panels ?? [];
  const alone = search.panel === undefined ? undefined : drawn(panels, filling, () => false).find((d) => d.key === search.panel);
  const shownDoings = (d: Drawn): Doings => ({ ...doings?.(d.index), view: onPlaces ? undefined : () => setUrl({ panel: d.key }, { push: true }) });
  const seen = without ? variables.filter((v) => v.name !== without) : variables;
  return (
    <BoardContext value={shared}>
      {search.kiosk !== "1" && (
        <div className={classes.bar}>
          <VariablesBar variables={seen} resolved={resolved.data} address={address} onChange={(v) => setUrl({ var: writeValues(v) })} />
          <span className="row" style={{ marginLeft: "auto" }}>
            {alone && <Button variant="default" onClick={() => setUrl({ panel: undefined })}>Whole dashboard</Button>}
            <Select aria-label="Refresh every" title="Refresh every" data={paces.includes(pace) ? paces : [...paces, pace]} value={pace} allowDeselect={false} w="5rem" onChange={(v) => setUrl({ refresh: v === (spec.refresh ?? "15s") ? undefined : v ?? undefined })} />
            <Button variant="default" aria-label="Refresh now" title="Refresh now (r)" px="xs" onClick={() => setTurn(turn + 1)}><IconRefresh size={14} /></Button>
          </span>
        </div>
      )}
      {instead ?? (!variables.length || resolved.data ? (
        alone ? <div className={classes.alone}><Frame panel={alone.panel} values={alone.values} doings={doings?.(alone.index) ?? {}} /></div>
          : panels.length ? <Grid panels={panels} doings={shownDoings} onPlaces={onPlaces} /> : empty ?? <Empty title="There are no panels yet" />
      ) : null)}
    </BoardContext>
  );
}

/** Nothing but the dashboard, until Escape. */
function useKiosk(on: boolean, leave: () => void) {
  const latest = useRef(leave);
  latest.current = leave;
  useEffect(() => {
    if (!on) return;
    document.documentElement.dataset.kiosk = "";
    const key = (e: KeyboardEvent) => e.key === "Escape" && latest.current();
    const screen = () => !document.fullscreenElement && latest.current();
    window.addEventListener("keydown", key);
    document.addEventListener("fullscreenchange", screen);
    return () => {
      delete document.documentElement.dataset.kiosk;
      window.removeEventListener("keydown", key);
      document.removeEventListener("fullscreenchange", screen);
      if (document.fullscreenElement) void document.exitFullscreen().catch(() => undefined);
    };
  }, [on]);
}
