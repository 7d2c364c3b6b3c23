import { memo } from "react";
import type { LogRecord } from "@/api/types";
import { ItemLink } from "@/components/Names";
import { RefLink } from "@/components/RefLink";
import { plainText } from "@/format/output";
import { exact } from "@/format/time";
import { Mark } from "@/ui/Mark";
import { Details } from "./Details";
import classes from "./Logs.module.css";
import { levelOf } from "./logsql";
import { rest, timeOf } from "./view";

export interface Acts {
  flip: (key: string) => void;
  filter: (field: string, value: string, not: boolean) => void;
  column: (field: string) => void;
  rule: (pattern: string) => void;
}

interface Props {
  id: string;
  record: LogRecord;
  columns: readonly string[];
  template: string;
  open: boolean;
  at: boolean;
  wrap: boolean;
  utc: boolean;
  on: { readonly current: Acts };
}

/** One record; opened, it shows all fields, each of which can be asked for or left out. */
export const Line = memo(function Line({ id, record: r, columns, template, open, at, wrap, utc, on }: Props) {
  const t = Date.parse(r._time ?? "");
  return (
    <div className={classes.line} data-open={open || undefined} data-at={at || undefined}>
      <div className={classes.head} style={{ gridTemplateColumns: template }} onClick={(e) => { if (!(e.target as HTMLElement).closest("a,button") && !getSelection()?.toString()) on.current.flip(id); }}>
        <button type="button" className={classes.time} aria-expanded={open} title={exact(t)} onClick={() => on.current.flip(id)}>{timeOf(t, utc)}</button>
        <span className={classes.level} title={r.level || "no level"}><Mark level={levelOf(r.level)} size={11} /><span className="unseen">{r.level}</span></span>
        {columns.map((c) => <span key={c} className={classes.field} title={r[c]}>{c === "host" && r.item ? <RefLink kind="item" id={r.item}>{r.host}</RefLink> : c === "item" ? <ItemLink id={r.item} /> : r[c]}</span>)}
        <span className={classes.message} data-cut={!wrap || undefined}>{plainText(r._msg ?? "")}{rest(r, columns).map(([field, value]) => <span key={field} className={classes.rest}> {field}={plainText(value)}</span>)}</span>
      </div>
      {open && <Details record={r} utc={utc} columns={columns} onFilter={(f, v, not) => on.current.filter(f, v, not)} onColumn={(f) => on.current.column(f)} onRule={(p) => on.current.rule(p)} />}
    </div>
  );
});
