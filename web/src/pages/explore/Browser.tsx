import { Button, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { labelsOfQuery, metadataQuery, metricsQuery } from "@/api/promql";
import { Show } from "@/components/Query";
import { plural } from "@/format/number";
import { Empty } from "@/ui/Empty";
import { Facts, Panel } from "@/ui/Panel";
import classes from "./Explore.module.css";

const most = 400;

/** What a metric is asked for first, by what it is. */
export function firstQuestion(metric: string, type: string | undefined): string {
  if (metric.endsWith("_bucket")) return `histogram_quantile(0.95, sum by (le) (rate(${metric}[$__rate_interval])))`;
  if (type === "counter" || metric.endsWith("_total")) return `rate(${metric}[$__rate_interval])`;
  return metric;
}

/** All metrics: what they mean, which labels they have. */
export function Browser({ onTake, onClose }: { onTake: (expr: string) => void; onClose: () => void }) {
  const names = useQuery(metricsQuery);
  const meanings = useQuery(metadataQuery);
  const [text, setText] = useState("");
  const [chosen, setChosen] = useState<string>();
  const words = text.toLowerCase().split(/[\s_]+/).filter(Boolean);
  const found = useMemo(() => (names.data ?? []).filter((n) => { const t = `${n} ${meanings.data?.[n]?.[0]?.help ?? ""}`.toLowerCase(); return words.every((w) => t.includes(w)); }), [names.data, meanings.data, text]);
  return (
    <Panel title="Metrics" count={names.data?.length} actions={<Button variant="default" onClick={onClose}>Close</Button>}>
      <div className="stack" style={{ gap: "0.5rem" }}>
        <TextInput type="search" data-search aria-label="Search metrics" placeholder="Words of the name or the meaning" value={text} onChange={(e) => setText(e.currentTarget.value)} />
        <Show query={names} lines={6}>
          {() => found.length ? (
            <div className={classes.names} tabIndex={0} role="group" aria-label="Metrics found">
              {found.slice(0, most).map((n) => <button key={n} type="button" className={classes.name} aria-pressed={n === chosen} title={meanings.data?.[n]?.[0]?.help} onClick={() => setChosen(n)} onDoubleClick={() => onTake(firstQuestion(n, meanings.data?.[n]?.[0]?.type))}>{n}</button>)}
              {found.length > most && <p className="dim" style={{ padding: "0.25rem 0.5rem" }}>and {plural(found.length - most, "other")}</p>}
            </div>
          ) : <Empty title="No metric matches" />}
        </Show>
        {chosen && <Metric key={chosen} name={chosen} onTake={onTake} />}
      </div>
    </Panel>
  );
}

function Metric({ name, onTake }: { name: string; onTake: (expr: string) => void }) {
  const meanings = useQuery(metadataQuery);
  const base = name.replace(/_(bucket|sum|count)$/, "");
  const meaning = (meanings.data?.[name] ?? meanings.data?.[base])?.[0];
  const labels = useQuery(labelsOfQuery(name));
  return (
    <section aria-label={name}>
      <Facts rows={[["Type", meaning?.type || "unknown"], ["Unit", meaning?.unit], ["Meaning", meaning?.help]]} />
      <div className="row" style={{ margin: "0.5rem 0" }}><Button onClick={() => onTake(firstQuestion(name, meaning?.type))}>Ask for it</Button></div>
      <Show query={labels} lines={3}>
        {(l) => (
          <>
            <p className="dim">{plural(l.series, "series", "series")}{l.series >= 5000 ? " or more" : ""}</p>
            {l.labels.map((label) => (
              <div key={label.name} className={classes.label}>
                <strong>{label.name}</strong> <span className="dim">{plural(label.values.length, "value")}</span>
                <div className={classes.chips} tabIndex={0} role="group" aria-label={`Values of ${label.name}`}>{label.values.slice(0, 60).map((v) => <button key={v} type="button" className={classes.chip} title={`${label.name}="${v}"`} onClick={() => onTake(`${name}{${label.name}=${JSON.stringify(v)}}`)}>{v || "(empty)"}</button>)}</div>
              </div>
            ))}
          </>
        )}
      </Show>
    </section>
  );
}
