import { Button } from "@mantine/core";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { logValuesQuery } from "@/api/logs";
import { logFieldsQuery } from "@/api/telemetry";
import { Show } from "@/components/Query";
import classes from "./Logs.module.css";

interface Props {
  query: string;
  from: number;
  to: number;
  onFilter: (field: string, value: string, not: boolean) => void;
}

const hidden = new Set(["_time", "_msg", "_stream", "_stream_id"]);

/** The fields that the matching lines have; opened, a field shows its commonest values. */
export function Explorer({ query: q, from, to, onFilter }: Props) {
  const minute = 60_000;
  const start = Math.floor(from / minute) * minute, end = Math.max(Math.floor(to / minute) * minute, start + minute);
  const [open, setOpen] = useState<string>();
  const fields = useQuery({ ...logFieldsQuery(q, start, end), placeholderData: keepPreviousData, retry: false });
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
              {open === f.value && <Values query={q} field={f.value} from={start} to={end} onFilter={onFilter} />}
            </li>
          ))}</ul> : <p className="dim">No fields</p>;
        }}
      </Show>
    </nav>
  );
}

function Values({ query: q, field, from, to, onFilter }: Props & { field: string }) {
  const values = useQuery({ ...logValuesQuery(q, field, from, to), retry: false });
  return (
    <Show query={values} lines={3}>
      {(list) => {
        const ranked = [...list].sort((a, b) => b.hits - a.hits);
        const total = ranked.reduce((n, v) => n + v.hits, 0);
        return <ol className={classes.values}>{ranked.map((v) => (
          <li key={v.value} style={{ "--share": `${total ? (100 * v.hits) / total : 0}%` } as React.CSSProperties}>
            <span className={classes.value} title={v.value}>{v.value || "(empty)"}</span>
            <span className="dim">{v.hits.toLocaleString("en")}</span>
            <Button size="compact-xs" variant="default" aria-label={`Only lines whose ${field} is ${v.value}`} onClick={() => onFilter(field, v.value, false)}>Only</Button>
            <Button size="compact-xs" variant="default" aria-label={`Not lines whose ${field} is ${v.value}`} onClick={() => onFilter(field, v.value, true)}>Not</Button>
          </li>
        ))}</ol>;
      }}
    </Show>
  );
}
