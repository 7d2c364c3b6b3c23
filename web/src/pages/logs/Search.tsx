import { Button, Menu, Switch } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { keepPreviousData, useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { Problem } from "@/api/client";
import { readLines } from "@/api/logs";
import { hitsQuery, tailPath } from "@/api/telemetry";
import type { LogRuleSpec, SavedSearch } from "@/api/types";
import { useActions } from "@/app/actions";
import { useRange } from "@/app/range";
import { useCan } from "@/app/session";
import { useUrl } from "@/app/url";
import { Show } from "@/components/Query";
import { told } from "@/components/toast";
import { plural } from "@/format/number";
import { slides, stepFor } from "@/state/range";
import { Empty } from "@/ui/Empty";
import { Panel } from "@/ui/Panel";
import { readAsked, remember, writeAsked } from "./asked";
import { Columns } from "./Columns";
import { Datasets } from "./Datasets";
import { Explorer } from "./Explorer";
import { ExportDialog } from "./ExportDialog";
import { Histogram } from "./Histogram";
import { conditions, pipeAt } from "./lex";
import { Lines } from "./Lines";
import { LogRuleForm } from "./LogRuleForm";
import classes from "./Logs.module.css";
import { faultOf, withField } from "./logsql";
import { ResultTable } from "./ResultTable";
import { SavedSearches, SaveSearch } from "./Saved";
import { SearchBar } from "./SearchBar";
import { useTail } from "./tail";
import { columnsOf, joined, nextEnd, withColumn, written } from "./view";

const page = 500;
const piped = 5000;
type Dialog = "save" | "saved" | "export" | { rule: Partial<LogRuleSpec> };

/** Search in logs over the page's time range, newest first, or as they come. */
export function Search() {
  const [search, setUrl] = useUrl();
  const can = useCan();
  const narrow = Boolean(useMediaQuery("(max-width: 48rem)", false, { getInitialValueInEffect: false }));
  const [text, setText] = useState(search.q ?? "");
  const typed = useRef(text); // what is in the field, though it may not be drawn yet when Search is pressed
  const type = (text: string) => { typed.current = text; setText(text); };
  const [asked, setAsked] = useState(() => readAsked());
  const [reading, setReading] = useState(false);
  const [paused, setPaused] = useState(false);
  const [dialog, setDialog] = useState<Dialog>();
  const live = search.view === "live", explored = search.open?.includes("fields") ?? false;
  const wrap = search.wrap !== "no", utc = search.zone === "utc", asForm = search.form === "1";
  const q = search.q || "*", only = search.dataset;
  const filter = conditions(q) || "*", plain = pipeAt(q) === q.length;
  const [broken, setBroken] = useState<string>(); // the query that cannot be read: asking again says the same
  const { from, to, newer, renew } = useHeld(`${q} ${only?.join() ?? ""}`, (reading && !live) || broken === q);
  useEffect(() => type(search.q ?? ""), [search.q]);

  const query = useInfiniteQuery({
    queryKey: ["log", "lines", q, from, to, only],
    queryFn: ({ pageParam, signal }) => readLines(q, from, to, pageParam.end, pageParam.limit, only, signal),
    initialPageParam: { end: undefined as string | undefined, limit: plain ? page : piped },
    getNextPageParam: (last, _, before) => {
      if (!last.more || !plain) return undefined;
      const end = nextEnd(last.items);
      if (end) return { end, limit: page };
      // One moment fills a page: ask for all of it at once.
      return before.limit < 10_000 ? { end: before.end, limit: 10_000 } : undefined;
    },
    placeholderData: keepPreviousData, enabled: !live, retry: false, refetchOnWindowFocus: false, gcTime: 60_000,
  });
  const records = useMemo(() => joined(query.data?.pages ?? []), [query.data]);
  const table = !live && records.length > 0 && records[0]!._time === undefined;
  const tail = useTail(tailPath(q, only), live, paused || reading);
  const step = stepFor(from, to, 90);
  const hits = useQuery({ ...hitsQuery(filter, Math.floor(from / 1000 / step) * step * 1000, to, step, only), placeholderData: keepPreviousData, retry: false, enabled: broken !== q });
  const total = useMemo(() => hits.data && !hits.isPlaceholderData ? hits.data.reduce((n, b) => n + Object.values(b.counts).reduce((a, c) => a + c, 0), 0) : undefined, [hits.data, hits.isPlaceholderData]);

  const go = (next: string) => {
    const q = next.trim();
    setUrl({ q: q && q !== "*" ? q : undefined }, { push: true });
    const list = remember(readAsked(), q, Date.now());
    writeAsked(list);
    setAsked(list);
  };
  const run = () => { renew(); setBroken(undefined); if ((typed.current.trim() || "*") === q) { if (!live) void query.refetch(); } else go(typed.current); };
  const onFilter = (f: string, v: string, not: boolean) => go(withField(q, f, v, not));
  const follow = (on: boolean) => { setPaused(false); setReading(false); setUrl({ view: on ? "live" : undefined }); };
  const rule = can("checks:write") ? undefined : "Your role may not make log rules";
  const share = () => void navigator.clipboard?.writeText(location.href).then(() => told("The address of this search was copied"));
  const problem = query.error instanceof Problem ? query.error : undefined;
  const reason = problem?.fields.find((f) => f.field === "query")?.rule ?? (live ? tail.problem : undefined);
  useEffect(() => setBroken(reason && !live ? q : undefined), [reason, live, q]);
  const fault = reason && (text.trim() || "*") === q ? faultOf(text, reason) : undefined;
  const flip = { wrap: () => setUrl({ wrap: wrap ? "no" : undefined }), zone: () => setUrl({ zone: utc ? undefined : "utc" }), fields: () => setUrl({ open: explored ? undefined : ["fields"] }), form: (on: boolean) => setUrl({ form: on ? "1" : undefined }) };
  const looks = [{ label: "Wrap", long: wrap ? "Cut long lines" : "Wrap long lines", on: wrap, run: flip.wrap }, { label: "UTC", long: utc ? "Times in your zone" : "Times as UTC", on: utc, run: flip.zone }];
  const deeds = [
    { label: "Saved", run: () => setDialog("saved") }, { label: "Save", run: () => setDialog("save") }, { label: "Copy link", run: share },
    { label: "Export", run: () => setDialog("export") }, { label: "Make a rule", why: rule, run: () => setDialog({ rule: { query: filter, datasets: only } }) },
  ];
  useActions([
    { id: "logs-live", label: live ? "Stop following the logs" : "Follow the logs live", group: "View", keys: "t", run: () => follow(!live) },
    ...(live ? [{ id: "logs-pause", label: paused ? "Go on" : "Pause", group: "View" as const, keys: "p", run: () => setPaused(!paused) }] : []),
    { id: "logs-fields", label: explored ? "Hide the fields" : "Show the fields", group: "View", keys: "f", run: flip.fields },
    { id: "logs-wrap", label: wrap ? "Cut long lines" : "Wrap long lines", group: "View", keys: "w", run: flip.wrap },
    { id: "logs-zone", label: utc ? "Times in your zone" : "Times as UTC", group: "View", keys: "z", run: flip.zone },
    { id: "logs-save", label: "Save this search", group: "Actions", keys: "s", run: () => setDialog("save") },
    { id: "logs-saved", label: "Saved searches", group: "Actions", keys: "l", run: () => setDialog("saved") },
    { id: "logs-share", label: "Copy the address of this search", group: "Actions", run: share },
    { id: "logs-rule", label: "Make a log rule of this search", group: "Actions", disabled: rule, run: () => setDialog({ rule: { query: filter, datasets: only } }) },
  ]);
  const openSaved = (s: SavedSearch) => {
    setDialog(undefined);
    setUrl({ q: s.spec.query || undefined, columns: s.spec.columns?.length ? s.spec.columns : undefined, dataset: s.spec.datasets?.length ? s.spec.datasets : undefined, ...(s.spec.from ? { from: s.spec.from, to: s.spec.to ?? "now" } : {}), view: undefined }, { push: true });
  };
  const onReading = useCallback((r: boolean) => setReading(r), []);
  const { fetchNextPage, hasNextPage, isFetchingNextPage } = query;
  const onEnd = useCallback(() => { if (hasNextPage && !isFetchingNextPage) void fetchNextPage(); }, [hasNextPage, isFetchingNextPage, fetchNextPage]);
  const lines = { chosen: search.columns, wrap, utc, onColumns: (columns: string[] | undefined) => setUrl({ columns }), onFilter, onRule: (pattern: string) => setDialog({ rule: { pattern } }), onZone: flip.zone, onReading };
  return (
    <>
      <SearchBar text={text} onText={type} onRun={run} only={only} asForm={asForm} onForm={flip.form} from={from} to={to} busy={query.isFetching && !query.isFetchingNextPage && !live} fault={fault} asked={asked} onAsked={(a) => { type(a); go(a); }} />
      <div className={classes.bar}>
        <Switch label="Live" checked={live} onChange={(e) => follow(e.currentTarget.checked)} />
        {live && <Button variant="default" onClick={() => { if (paused || reading) { setPaused(false); setReading(false); } else setPaused(true); }}>{paused || reading ? (tail.held ? `Go on, ${plural(tail.held, "new line")}` : "Go on") : "Pause"}</Button>}
        {live && <span className={classes.rate} role="status">{tail.rate.toFixed(tail.rate < 10 ? 1 : 0)} lines/s{tail.dropped > 0 && <>, {plural(tail.dropped, "line")} not shown: more than can be read</>}</span>}
        {narrow && live && <span className={classes.turn} />}
        <Button variant="default" aria-pressed={explored} onClick={flip.fields}>Fields</Button>
        <Columns query={filter} only={only} from={from} to={to} chosen={search.columns} onChange={(columns) => setUrl({ columns })} />
        <Datasets chosen={only} onChange={(dataset) => setUrl({ dataset }, { push: true })} />
        {!narrow && looks.map((a) => <Button key={a.label} variant="default" aria-pressed={a.on} onClick={a.run}>{a.label}</Button>)}
        <span className={classes.gap} />
        {!narrow && deeds.map((a) => <Button key={a.label} variant="default" disabled={Boolean(a.why)} title={a.why} onClick={a.run}>{a.label}</Button>)}
        {narrow && (
          <Menu position="bottom-end">
            <Menu.Target><Button variant="default">More</Button></Menu.Target>
            <Menu.Dropdown>
              {looks.map((a) => <Menu.Item key={a.label} onClick={a.run}>{a.long}</Menu.Item>)}
              {deeds.map((a) => <Menu.Item key={a.label} disabled={Boolean(a.why)} title={a.why} onClick={a.run}>{a.label}</Menu.Item>)}
            </Menu.Dropdown>
          </Menu>
        )}
      </div>
      <Panel flush><Histogram query={hits} from={from} to={to} step={step} utc={utc} wrong={Boolean(fault)} /></Panel>
      <div className={classes.room}><Panel flush grow>
        <div className={explored ? classes.split : classes.whole}>
          {explored && <Explorer query={filter} only={only} from={from} to={to} onFilter={onFilter} columns={columnsOf(search.columns).map((c) => c.field)} onColumn={(f) => setUrl({ columns: written(withColumn(columnsOf(search.columns), f)) })} />}
          <div className={classes.found}>
            {newer && !fault && <button type="button" className={classes.newer} onClick={() => { setReading(false); renew(); }}>Show what came since</button>}
            {live ? (
              tail.records.length ? <Lines key="live" records={tail.records} label="Log lines as they come" {...lines} />
                : <Empty title={tail.problem ? "The logs cannot be followed" : "Waiting for the next line"}>{tail.problem ?? "Lines appear here within a few seconds of being written."}</Empty>
            ) : fault ? <Empty title="The query cannot be read">{fault.text}</Empty> : (
              <Show query={query} lines={8}>
                {() => table ? <ResultTable rows={records} /> : records.length ? (
                  <Lines key={`${q} ${only?.join() ?? ""}`} records={records} label="Log lines" onEnd={onEnd} {...lines}
                    foot={<span className="dim">{isFetchingNextPage ? "Reading older lines…" : hasNextPage ? "Older lines follow" : !plain && query.data?.pages[0]?.more ? `The first ${piped.toLocaleString("en")}` : `${plural(records.length, "line")}: that is all in this range`}</span>} />
                ) : <Empty title="No log lines in this range">{only ? <>Nothing of {only.join(", ")} matches; choose other datasets or widen the time range.</> : q === "*" ? <>Widen the time range, or send logs by syslog, OTLP (<code>/v1/logs</code>) or an agent.</> : "Nothing matches the query; widen the time range or ask for less."}</Empty>}
              </Show>
            )}
          </div>
        </div>
      </Panel></div>
      {dialog === "saved" && <SavedSearches onOpen={openSaved} onClose={() => setDialog(undefined)} />}
      {dialog === "save" && <SaveSearch spec={{ query: q === "*" ? "" : q, datasets: only, columns: search.columns, from: search.from, to: search.to }} onClose={() => setDialog(undefined)} />}
      {dialog === "export" && <ExportDialog query={q} only={only} from={from} to={to} total={plain ? total : undefined} fields={table ? Object.keys(records[0]!) : ["_time", "level", ...columnsOf(search.columns).map((c) => c.field), "_msg"]} onClose={() => setDialog(undefined)} />}
      {typeof dialog === "object" && <LogRuleForm start={dialog.rule} onClose={() => setDialog(undefined)} />}
    </>
  );
}

/** The range that is shown: it moves with the clock, but not under somebody who reads. */
function useHeld(q: string, reading: boolean) {
  const { range, from, to } = useRange();
  const [held, setHeld] = useState({ from, to, of: "" });
  const of = `${range.from} ${range.to} ${q}`;
  const fresh = held.of !== of || (!reading && held.to < to);
  useEffect(() => { if (fresh) setHeld({ from, to, of }); }, [fresh, from, to, of]);
  const shown = fresh ? { from, to } : held;
  // Who asks again means this moment, not that of the last tick.
  const later = () => (slides(range) ? Math.max(0, Date.now() - to) : 0);
  return { from: shown.from, to: shown.to, newer: !fresh && to - held.to > 5000, renew: () => setHeld({ from: from + later(), to: to + later(), of }) };
}
