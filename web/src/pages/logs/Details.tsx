import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { aroundQuery, patternQuery, spansQuery } from "@/api/logs";
import type { LogRecord } from "@/api/types";
import { ItemLink } from "@/components/Names";
import { Show } from "@/components/Query";
import { RefLink } from "@/components/RefLink";
import { plainText } from "@/format/output";
import { duration } from "@/format/time";
import { absolute } from "@/state/range";
import { Empty } from "@/ui/Empty";
import classes from "./Logs.module.css";
import { dayOf, timeOf } from "./view";

interface Props {
  record: LogRecord;
  utc: boolean;
  onFilter: (field: string, value: string, not: boolean) => void;
  /** Puts a field beside the message, or takes it away. */
  onColumn: (field: string) => void;
  columns: readonly string[];
  onRule: (pattern: string) => void;
}

const hidden = new Set(["_msg", "_stream_id", "_stream"]);
type Also = "around" | "trace";

/** Everything a record says, and where it leads. */
export function Details({ record: r, utc, onFilter, onColumn, columns, onRule }: Props) {
  const [also, setAlso] = useState<Also>();
  const t = Date.parse(r._time ?? "");
  const near = absolute(t - 1800_000, Math.min(t + 1800_000, Date.now()));
  const flip = (what: Also) => setAlso(also === what ? undefined : what);
  return (
    <div className={classes.details}>
      <div className={classes.links}>
        {r._stream_id && <button type="button" className="link" aria-expanded={also === "around"} onClick={() => flip("around")}>{also === "around" ? "Hide the lines around" : "Lines around"}</button>}
        {r.trace_id && <button type="button" className="link" aria-expanded={also === "trace"} onClick={() => flip("trace")}>{also === "trace" ? "Hide the trace" : "The trace"}</button>}
        {r.trace_id && <button type="button" className="link" onClick={() => onFilter("trace_id", r.trace_id!, false)}>Lines of the trace</button>}
        {r.pattern && <button type="button" className="link" onClick={() => onFilter("pattern", r.pattern!, false)}>Lines of this pattern</button>}
        {r.item && <RefLink kind="item" id={r.item}>The item</RefLink>}
        {r.item && <Link to="/alerts" search={{ ...near, where: [`item=${r.item}`] } as never} className="link">Its alerts then</Link>}
        {r.item && <Link to="/explore" search={{ ...near, expr: [`{item=${JSON.stringify(r.item)}}`] } as never} className="link">Its metrics then</Link>}
        {r._stream_id && <Link to="/logs" search={{ ...absolute(t - 300_000, t + 300_000), q: `_stream_id:${JSON.stringify(r._stream_id)}` } as never} className="link">Its stream then</Link>}
      </div>
      {r.pattern && <Pattern id={r.pattern} onRule={onRule} />}
      {also === "around" && <Around record={r} utc={utc} />}
      {also === "trace" && <Trace id={r.trace_id!} at={t} own={r.span_id} />}
      <dl className={classes.fields}>
        {r.item && <div><dt>Item</dt><dd><ItemLink id={r.item} name={r.host} /></dd></div>}
        {Object.entries(r).filter(([k]) => !hidden.has(k)).map(([k, v]) => (
          <div key={k}>
            <dt>{k}</dt>
            <dd>{k === "_time" ? <>{v} <span className="dim">({dayOf(t, utc)} {timeOf(t, utc)})</span></> : v}</dd>
            {k !== "_time" && <dd className={classes.more}>
              <Button size="compact-xs" variant="default" aria-label={`Only lines whose ${k} is ${v}`} onClick={() => onFilter(k, v, false)}>Only</Button>
              <Button size="compact-xs" variant="default" aria-label={`Not lines whose ${k} is ${v}`} onClick={() => onFilter(k, v, true)}>Not</Button>
              <Button size="compact-xs" variant="default" aria-pressed={columns.includes(k)} aria-label={`Column ${k}`} onClick={() => onColumn(k)}>Column</Button>
            </dd>}
          </div>
        ))}
      </dl>
    </div>
  );
}

function Pattern({ id, onRule }: { id: string; onRule: (id: string) => void }) {
  const query = useQuery(patternQuery(id));
  if (!query.data) return null;
  return (
    <p className={classes.pattern}>
      <span className="dim">Pattern </span><span>{query.data.template.replaceAll("<*>", "‹…›")}</span>{" "}
      <button type="button" className="link" onClick={() => onRule(id)}>Make a rule of it</button>
    </p>
  );
}

/** What was written to the same stream just before and after. */
function Around({ record: r, utc }: { record: LogRecord; utc: boolean }) {
  const query = useQuery({ ...aroundQuery(r._stream_id!, r._time!), retry: false });
  return (
    <div className={classes.around} role="region" aria-label="Lines around">
      <Show query={query} lines={4}>
        {(list) => list.map((x, i) => (
          <p key={i} data-self={(x._time === r._time && x._msg === r._msg) || undefined}>
            <span className="dim">{timeOf(Date.parse(x._time ?? ""), utc)}</span>
            <span>{plainText(x._msg ?? "")}</span>
          </p>
        ))}
      </Show>
    </div>
  );
}

/** The spans of a trace, each where it lay in it. */
function Trace({ id, at, own }: { id: string; at: number; own?: string }) {
  const query = useQuery(spansQuery(id, at));
  return (
    <div className={classes.around} role="region" aria-label="Spans of the trace">
      <Show query={query} lines={4}>
        {(list) => {
          if (!list.length) return <Empty title="No spans of this trace were kept">Its lines may still be there.</Empty>;
          const spans = list.map((s) => ({ s, from: Date.parse(s._time ?? ""), ms: Number(s.duration_ns ?? 0) / 1e6 }));
          const first = Math.min(...spans.map((x) => x.from)), whole = Math.max(1, ...spans.map((x) => x.from + x.ms - first));
          return spans.map(({ s, from, ms }) => (
            <div key={s.span_id} className={classes.span} data-self={(s.span_id === own && own !== undefined) || undefined}>
              <span title={`${s.app ?? ""} ${s._msg ?? ""}`}><span className="dim">{s.app} </span>{s._msg}{s.status === "error" && <strong> failed</strong>}</span>
              <span className={classes.spanBar} aria-hidden="true"><span data-failed={s.status === "error" || undefined} style={{ left: `${(100 * (from - first)) / whole}%`, width: `max(2px, ${(100 * ms) / whole}%)` }} /></span>
              <span className="dim">{duration(ms)}</span>
            </div>
          ));
        }}
      </Show>
    </div>
  );
}
