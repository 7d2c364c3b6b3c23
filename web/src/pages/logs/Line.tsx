import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { memo, useState } from "react";
import { aroundQuery } from "@/api/logs";
import type { LogRecord } from "@/api/types";
import { ItemLink } from "@/components/Names";
import { Show } from "@/components/Query";
import { RefLink } from "@/components/RefLink";
import { plainText } from "@/format/output";
import { clock, exact } from "@/format/time";
import { absolute } from "@/state/range";
import { Mark } from "@/ui/Mark";
import classes from "./Logs.module.css";
import { levelOf } from "./logsql";

interface Props {
  record: LogRecord;
  columns: string[];
  template: string;
  onFilter: (field: string, value: string, not: boolean) => void;
}

/** One record; opened, it shows all fields, each of which can be asked for or left out. */
export const Line = memo(function Line({ record: r, columns, template, onFilter }: Props) {
  const [open, setOpen] = useState(false);
  const [around, setAround] = useState(false);
  const t = Date.parse(r._time ?? "");
  const near = absolute(t - 1800_000, Math.min(t + 1800_000, Date.now()));
  return (
    <div className={classes.line} data-open={open || undefined}>
      <div className={classes.head} style={{ gridTemplateColumns: template }} onClick={(e) => { if (!(e.target as HTMLElement).closest("a,button") && !getSelection()?.toString()) setOpen(!open); }}>
        <button type="button" className={classes.time} aria-expanded={open} title={exact(t)} onClick={() => setOpen(!open)}>{clock(t)}.{String(t % 1000).padStart(3, "0")}</button>
        <span className={classes.level} title={r.level || "no level"}><Mark level={levelOf(r.level)} size={11} /><span className="unseen">{r.level}</span></span>
        {columns.map((c) => <span key={c} className={classes.field} title={r[c]}>{c === "host" && r.item ? <RefLink kind="item" id={r.item}>{r.host}</RefLink> : c === "item" ? <ItemLink id={r.item} /> : r[c]}</span>)}
        <span className={classes.message}>{plainText(r._msg ?? "")}</span>
      </div>
      {open && (
        <div className={classes.links}>
          <button type="button" className="link" aria-expanded={around} onClick={() => setAround(!around)}>{around ? "Hide the lines around" : "Lines around"}</button>
          {r.trace_id && <button type="button" className="link" onClick={() => onFilter("trace_id", r.trace_id!, false)}>Lines of the trace</button>}
          {r.pattern && <button type="button" className="link" onClick={() => onFilter("pattern", r.pattern!, false)}>Lines of this pattern</button>}
          {r.item && <RefLink kind="item" id={r.item}>The item</RefLink>}
          {r.item && <Link to="/alerts" search={{ ...near, where: [`item=${r.item}`] } as never} className="link">Its alerts then</Link>}
          {r.item && <Link to="/explore" search={{ ...near, expr: [`{item=${JSON.stringify(r.item)}}`] } as never} className="link">Its metrics then</Link>}
        </div>
      )}
      {open && around && r._stream_id && <Around record={r} />}
      {open && (
        <dl className={classes.fields}>
          {r.item && <div><dt>Item</dt><dd><ItemLink id={r.item} name={r.host} /></dd></div>}
          {Object.entries(r).filter(([k]) => k !== "_msg" && k !== "_stream_id" && k !== "_stream").map(([k, v]) => (
            <div key={k}>
              <dt>{k}</dt>
              <dd>{v}</dd>
              {k !== "_time" && <dd className={classes.more}><Button size="compact-xs" variant="default" aria-label={`Only lines whose ${k} is ${v}`} onClick={() => onFilter(k, v, false)}>Only</Button><Button size="compact-xs" variant="default" aria-label={`Not lines whose ${k} is ${v}`} onClick={() => onFilter(k, v, true)}>Not</Button></dd>}
            </div>
          ))}
        </dl>
      )}
    </div>
  );
});

/** What was written to the same stream just before and after. */
function Around({ record: r }: { record: LogRecord }) {
  const query = useQuery({ ...aroundQuery(r._stream_id!, r._time!), retry: false });
  return (
    <div className={classes.around} role="region" aria-label="Lines around">
      <Show query={query} lines={4}>
        {(list) => list.map((x, i) => (
          <p key={i} data-self={(x._time === r._time && x._msg === r._msg) || undefined}>
            <span className="dim">{clock(Date.parse(x._time ?? ""))}.{String(Date.parse(x._time ?? "") % 1000).padStart(3, "0")}</span>
            <span>{plainText(x._msg ?? "")}</span>
          </p>
        ))}
      </Show>
    </div>
  );
}
