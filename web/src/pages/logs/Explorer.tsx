import { Button } from "@mantine/core";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { logTopQuery } from "@/api/logs";
import { logFieldsQuery } from "@/api/telemetry";
import { Show } from "@/components/Query";
import classes from "./Logs.module.css";

interface Props {
  query: string;
  /** Of which datasets; of all when absent. */
  only?: string[];
  from: number;
  to: number;
  onFilter: (field: string, value: string, not: boolean) => void;
  /** The fields that stand beside the message. */
  columns: readonly string[];
  onColumn: (field: string) => void;
}

const hidden = new Set(["_time", "_msg", "_stream", "_stream_id"]);

/** The fields that the matching lines have; opened, a field shows its commonest values. */
export function Explorer({ query: q, only, from, to, onFilter, columns, onColumn }: Props) {
  const minute = 60_000;
  const start = Math.floor(from / minute) * minute, end = Math.ceil(to / minute) * minute;
  const [open, setOpen] = useState<string>();
  const fields = useQuery({ ...logFieldsQuery(q, start, end, only), placeholderData: keepPreviousData, retry: false });
  return (
    <nav className={classes.explorer} aria-label="Fields of the lines">
      <Show query={fields} lines={6}>
        {(all) => {
          const list = all.filter((f) => !hidden.has(f.value)).sort((a, b) => b.hits - a.hits || a.value.localeCompare(b.value));
          return list.length ? <ul>{list.map((f) => (
            <li key={f.value}>
              <button type="button" aria-expanded={open === f.value} onClick={() => setOpen(open === f.value ? undefined : f.value)}>
                <span>{f.value}</span><span className="dim">{f.hits.toLocaleString("en")}</span>
              </button>
              {open === f.value && <Values query={q} only={only} field={f.value} hits={f.hits} from={start} to={end} onFilter={onFilter} column={columns.includes(f.value)} onColumn={() => onColumn(f.value)} />}
            </li>
          ))}</ul> : <p className="dim">No fields</p>;
        }}
      </Show>
    </nav>
  );
}

interface ValuesProps extends Pick<Props, "query" | "only" | "from" | "to" | "onFilter"> {
  field: string;
  /** How many lines have the field. */
  hits: number;
  column: boolean;
  onColumn: () => void;
}

function Values({ query: q, only, field, hits, from, to, onFilter, column, onColumn }: ValuesProps) {
  const values = useQuery({ ...logTopQuery(q, field, from, to, undefined, only), retry: false });
  return (
    <Show query={values} lines={3}>
      {(list) => {
        const ranked = [...list].sort((a, b) => b.hits - a.hits);
        const told = ranked.reduce((n, v) => n + v.hits, 0), total = Math.max(hits, told);
        const share = (n: number) => (total ? (100 * n) / total : 0);
        return <><ol className={classes.values}>{ranked.map((v) => (
          <li key={v.value} style={{ "--share": `${share(v.hits)}%` } as React.CSSProperties}>
            <span className={classes.value} title={v.value}>{v.value || "(empty)"}</span>
            <span className="dim" title={`${v.hits.toLocaleString("en")} lines`}>{v.hits ? `${share(v.hits) < 9.95 ? share(v.hits).toFixed(1) : share(v.hits).toFixed(0)} %` : ""}</span>
            <Button size="compact-xs" variant="default" aria-label={`Only lines whose ${field} is ${v.value}`} onClick={() => onFilter(field, v.value, false)}>Only</Button>
            <Button size="compact-xs" variant="default" aria-label={`Not lines whose ${field} is ${v.value}`} onClick={() => onFilter(field, v.value, true)}>Not</Button>
          </li>
        ))}</ol>
        <div className={classes.underValues}>
          {ranked.length >= 10 && told < total && <span className="dim">others {share(total - told).toFixed(0)} %</span>}
          <Button size="compact-xs" variant="default" aria-pressed={column} onClick={onColumn}>{column ? "No column" : "As a column"}</Button>
        </div></>;
      }}
    </Show>
  );
}
