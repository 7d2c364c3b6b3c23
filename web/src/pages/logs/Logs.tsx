import { Button, TextInput } from "@mantine/core";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { logsQuery } from "@/api/telemetry";
import type { LogRecord } from "@/api/types";
import { useRange } from "@/app/range";
import { useUrl } from "@/app/url";
import { Show } from "@/components/Query";
import { plainText } from "@/format/output";
import { clock, exact } from "@/format/time";
import { Empty } from "@/ui/Empty";
import { PageHead, Panel } from "@/ui/Panel";
import classes from "./Logs.module.css";

/** Search in logs over the page's time range, newest first. */
export default function Logs() {
  const [search, setUrl] = useUrl();
  const { from, to } = useRange();
  const [text, setText] = useState(search.q ?? "");
  const q = search.q || "*";
  const query = useQuery({ ...logsQuery(q, from, to), placeholderData: keepPreviousData });
  return (
    <>
      <PageHead title="Logs" />
      <form className={classes.bar} onSubmit={(e) => { e.preventDefault(); setUrl({ q: text.trim() || undefined }, { push: true }); if ((text.trim() || "*") === q) void query.refetch(); }}>
        <TextInput className="grow" data-search type="search" aria-label="Query" placeholder='Words, or LogsQL: error app:nginx "connection refused"' value={text} onChange={(e) => setText(e.currentTarget.value)} />
        <Button type="submit" loading={query.isFetching}>Search</Button>
      </form>
      <Panel flush grow>
        <Show query={query} lines={8}>
          {(p) => p.items.length ? <div className={classes.lines} tabIndex={0} role="region" aria-label="Log lines">{p.items.map((r, i) => <Line key={`${r._time}${i}`} record={r} />)}</div>
            : <Empty title="No log lines in this range">Widen the time range, or send logs by syslog, OTLP (<code>/v1/logs</code>) or an agent.</Empty>}
        </Show>
      </Panel>
    </>
  );
}

function Line({ record: r }: { record: LogRecord }) {
  const [open, setOpen] = useState(false);
  const t = Date.parse(r._time ?? "");
  return (
    <div className={classes.line}>
      <button type="button" className={classes.head} aria-expanded={open} onClick={() => setOpen(!open)}>
        <time dateTime={r._time} title={exact(t)}>{clock(t)}.{String(t % 1000).padStart(3, "0")}</time>
        <span className={classes.origin}>{[r.host, r.app].filter(Boolean).join(" ")}</span>
        <span className={classes.message}>{plainText(r._msg ?? "")}</span>
      </button>
      {open && (
        <dl className={classes.fields}>
          {Object.entries(r).filter(([k]) => k !== "_msg").map(([k, v]) => <div key={k}><dt>{k}</dt><dd>{v}</dd></div>)}
        </dl>
      )}
    </div>
  );
}
