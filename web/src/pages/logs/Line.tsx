import { Button } from "@mantine/core";
import { memo, useState } from "react";
import type { LogRecord } from "@/api/types";
import { ItemLink } from "@/components/Names";
import { RefLink } from "@/components/RefLink";
import { plainText } from "@/format/output";
import { clock, exact } from "@/format/time";
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
  const t = Date.parse(r._time ?? "");
  return (
    <div className={classes.line} data-open={open || undefined}>
      <div className={classes.head} style={{ gridTemplateColumns: template }} onClick={(e) => { if (!(e.target as HTMLElement).closest("a,button") && !getSelection()?.toString()) setOpen(!open); }}>
        <button type="button" className={classes.time} aria-expanded={open} title={exact(t)} onClick={() => setOpen(!open)}>{clock(t)}.{String(t % 1000).padStart(3, "0")}</button>
        <span className={classes.level} title={r.level || "no level"}><Mark level={levelOf(r.level)} size={11} /><span className="unseen">{r.level}</span></span>
        {columns.map((c) => <span key={c} className={classes.field} title={r[c]}>{c === "host" && r.item ? <RefLink kind="item" id={r.item}>{r.host}</RefLink> : c === "item" ? <ItemLink id={r.item} /> : r[c]}</span>)}
        <span className={classes.message}>{plainText(r._msg ?? "")}</span>
      </div>
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
