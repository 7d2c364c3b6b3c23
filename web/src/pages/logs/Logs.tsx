import { Button, Checkbox, Menu, Popover, Switch, Tabs, TextInput } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useCallback, useEffect, useMemo, useState } from "react";
import { exportPath } from "@/api/logs";
import { logFieldsQuery, logsQuery } from "@/api/telemetry";
import type { LogRecord } from "@/api/types";
import { useActions } from "@/app/actions";
import { useRange } from "@/app/range";
import { useUrl } from "@/app/url";
import { Show } from "@/components/Query";
import { plural } from "@/format/number";
import { Empty } from "@/ui/Empty";
import { IconColumns } from "@/ui/icons";
import { PageHead, Panel } from "@/ui/Panel";
import { Explorer } from "./Explorer";
import { Histogram } from "./Histogram";
import { Line } from "./Line";
import classes from "./Logs.module.css";
import { withField } from "./logsql";
import { Patterns } from "./Patterns";
import { useTail } from "./tail";

const usual = ["host", "app"];
const page = 500;
const shownColumns = (chosen: string[] | undefined) => (chosen?.length ? chosen.filter((c) => c !== "-") : usual);

/** What the logs say: line by line, or by pattern. */
export default function Logs() {
  const [search, setUrl] = useUrl();
  const tab = search.tab === "patterns" ? "patterns" : "lines";
  return (
    <>
      <PageHead title="Logs" />
      <Tabs value={tab} keepMounted={false} onChange={(t) => setUrl({ tab: t === "patterns" ? t : undefined, q: undefined, view: undefined, where: undefined, sort: undefined, compare: undefined })}>
        <Tabs.List aria-label="What is shown"><Tabs.Tab value="lines">Lines</Tabs.Tab><Tabs.Tab value="patterns">Patterns</Tabs.Tab></Tabs.List>
      </Tabs>
      {tab === "patterns" ? <Patterns /> : <Search />}
    </>
  );
}

/** Search in logs over the page's time range, newest first, or as they come. */
function Search() {
  const [search, setUrl] = useUrl();
  const { from, to } = useRange();
  const [text, setText] = useState(search.q ?? "");
  const [limit, setLimit] = useState(page);
  const [paused, setPaused] = useState(false);
  const live = search.view === "live";
  const explored = search.open?.includes("fields") ?? false;
  const q = search.q || "*";
  const query = useQuery({ ...logsQuery(q, from, to, limit), placeholderData: keepPreviousData, enabled: !live, retry: false });
  const tail = useTail(q, live, paused);
  useEffect(() => { setText(search.q ?? ""); setLimit(page); }, [search.q]);
  const go = (next: string) => setUrl({ q: next.trim() || undefined }, { push: true });
  const follow = (on: boolean) => { setPaused(false); setUrl({ view: on ? "live" : undefined }); };
  useActions([
    { id: "logs-live", label: live ? "Stop following the logs" : "Follow the logs live", group: "View", keys: "t", run: () => follow(!live) },
    ...(live ? [{ id: "logs-pause", label: paused ? "Go on" : "Pause", group: "View" as const, keys: "p", run: () => setPaused(!paused) }] : []),
  ]);
  return (
    <>
      <form className={classes.bar} onSubmit={(e) => { e.preventDefault(); go(text); if ((text.trim() || "*") === q && !live) void query.refetch(); }}>
        <TextInput className={classes.query} data-search type="search" aria-label="Query" placeholder='Words, or LogsQL: error app:nginx "connection refused"' value={text} onChange={(e) => setText(e.currentTarget.value)} />
        <Button type="submit" loading={query.isFetching && !live}>Search</Button>
        <Switch label="Live" checked={live} onChange={(e) => follow(e.currentTarget.checked)} />
        {live && <Button variant="default" onClick={() => setPaused(!paused)}>{paused ? (tail.held ? `Go on, ${plural(tail.held, "new line")}` : "Go on") : "Pause"}</Button>}
        <Button variant="default" aria-pressed={explored} onClick={() => setUrl({ open: explored ? undefined : ["fields"] })}>Fields</Button>
        <Menu position="bottom-end">
          <Menu.Target><Button variant="default">Export</Button></Menu.Target>
          <Menu.Dropdown>
            <Menu.Item component="a" href={exportPath("csv", q, from, to, ["_time", "level", ...shownColumns(search.columns), "_msg"])} download>Table (CSV)</Menu.Item>
            <Menu.Item component="a" href={exportPath("ndjson", q, from, to)} download>Records (NDJSON)</Menu.Item>
          </Menu.Dropdown>
        </Menu>
        <Columns query={q} from={from} to={to} chosen={search.columns} onChange={(columns) => setUrl({ columns })} />
      </form>
      <Panel flush><Histogram query={q} /></Panel>
      <Panel flush grow>
        <div className={explored ? classes.split : classes.whole}>
          {explored && <Explorer query={q} from={from} to={to} onFilter={(f, v, not) => go(withField(q, f, v, not))} />}
          {live ? (
            tail.records.length ? <Lines records={tail.records} chosen={search.columns} onFilter={(f, v, not) => go(withField(q, f, v, not))} label="Log lines as they come" />
              : <Empty title={tail.problem ? "The logs cannot be followed" : "Waiting for the next line"}>{tail.problem ?? "Lines appear here within a few seconds of being written."}</Empty>
          ) : (
            <Show query={query} lines={8}>
              {(p) => p.items.length ? (
                <Lines records={p.items} chosen={search.columns} onFilter={(f, v, not) => go(withField(q, f, v, not))} label="Log lines"
                  more={p.more && (limit < 5000 ? <Button variant="default" loading={query.isFetching} onClick={() => setLimit(limit + page)}>Older lines</Button> : <span className="dim">These are the newest 5,000: narrow the range for older ones.</span>)} />
              ) : <Empty title="No log lines in this range">{q === "*" ? <>Widen the time range, or send logs by syslog, OTLP (<code>/v1/logs</code>) or an agent.</> : "Nothing matches the query; widen the time range or ask for less."}</Empty>}
            </Show>
          )}
        </div>
      </Panel>
    </>
  );
}

function Lines({ records, chosen, onFilter, label, more }: { records: LogRecord[]; chosen?: string[]; onFilter: (field: string, value: string, not: boolean) => void; label: string; more?: React.ReactNode }) {
  const narrow = useMediaQuery("(max-width: 48rem)", false, { getInitialValueInEffect: false });
  const columns = useMemo(() => (narrow ? [] : chosen?.length ? chosen.filter((c) => c !== "-") : usual), [chosen, narrow]);
  const template = `5.9rem 0.875rem ${columns.map((c) => (c === "host" || c === "item" ? "minmax(5rem, 9rem)" : "minmax(3rem, 7rem)")).join(" ")} minmax(0, 1fr)`;
  const latest = useCallback(onFilter, [onFilter]);
  return (
    <div className={classes.lines} tabIndex={0} role="region" aria-label={label}>
      {records.map((r, i) => <Line key={`${r._time}${r._stream_id}${i}`} record={r} columns={columns} template={template} onFilter={latest} />)}
      {more && <div className={classes.foot}>{more}</div>}
    </div>
  );
}

/** Which fields stand beside the message. */
function Columns({ query, from, to, chosen, onChange }: { query: string; from: number; to: number; chosen?: string[]; onChange: (c: string[] | undefined) => void }) {
  const [open, setOpen] = useState(false);
  const [at] = useState(() => Math.floor(from / 60_000) * 60_000);
  const fields = useQuery({ ...logFieldsQuery(query, at, Math.max(Math.floor(to / 60_000) * 60_000, at + 60_000)), enabled: open, retry: false });
  const shown = chosen?.length ? chosen.filter((c) => c !== "-") : usual;
  const names = [...new Set([...usual, "level", "item", ...shown, ...(fields.data ?? []).map((f) => f.value)])].filter((n) => !n.startsWith("_")).slice(0, 40);
  const set = (next: string[]) => onChange(next.length ? next : ["-"]);
  return (
    <Popover opened={open} onChange={setOpen} position="bottom-end" trapFocus>
      <Popover.Target><Button variant="default" leftSection={<IconColumns size={14} stroke={1.6} />} onClick={() => setOpen(!open)}>Columns</Button></Popover.Target>
      <Popover.Dropdown>
        <div className={classes.columns}>
          {names.map((n) => <Checkbox key={n} size="xs" label={n} checked={shown.includes(n)} onChange={(e) => set(e.currentTarget.checked ? [...shown, n] : shown.filter((x) => x !== n))} />)}
          {chosen && <Button variant="default" onClick={() => onChange(undefined)}>Default columns</Button>}
        </div>
      </Popover.Dropdown>
    </Popover>
  );
}
