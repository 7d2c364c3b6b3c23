import { Button, Checkbox, Modal, NumberInput, Select, TagsInput, Textarea, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { lazy, Suspense, useMemo, useState } from "react";
import { apply } from "@/api/documents";
import { patternQuery } from "@/api/logs";
import { tryLogRule } from "@/api/searches";
import { logFieldsQuery } from "@/api/telemetry";
import type { LogRuleFiring, LogRuleSpec } from "@/api/types";
import { ItemLink } from "@/components/Names";
import { ProblemView } from "@/components/ProblemView";
import type { Column } from "@/components/table/column";
import { DataTable } from "@/components/table/DataTable";
import { useDo } from "@/components/toast";
import { count } from "@/format/number";
import { exact } from "@/format/time";
import { Mark } from "@/ui/Mark";
import { Took } from "@/ui/TimeAgo";
import { groupName, nameOf, sentence, seriesOf, tidy } from "./logrule";
import classes from "./Search.module.css";

const Plot = lazy(() => import("@/components/chart/Plot"));

interface Props {
  /** Of a rule that is there already. */
  name?: string;
  start: Partial<LogRuleSpec>;
  onClose: () => void;
}

const severities = ["info", "warning", "minor", "major", "critical"];
const windows = ["1m", "5m", "10m", "30m", "1h", "6h", "24h"];
const ranges = [{ value: "1", label: "hour" }, { value: "6", label: "6 hours" }, { value: "24", label: "24 hours" }, { value: "168", label: "7 days" }];

/** A log rule as a form: what it would have done is told while it is written. */
export function LogRuleForm({ name: old, start, onClose }: Props) {
  const [name, setName] = useState(old ?? "");
  const [spec, setSpec] = useState<LogRuleSpec>(() => ({ ...start, event: start.event ?? (start.metric ? undefined : { above: 10, window: "5m", severity: "warning", title: "" }) }));
  const put = (change: Partial<LogRuleSpec>) => setSpec((s) => ({ ...s, ...change }));
  const pattern = useQuery({ ...patternQuery(spec.pattern ?? ""), enabled: Boolean(spec.pattern) });
  const [now] = useState(() => Math.floor(Date.now() / 60_000) * 60_000);
  const fields = useQuery({ ...logFieldsQuery(spec.query || "*", now - 3600_000, now), retry: false });
  const names = (fields.data ?? []).map((f) => f.value).filter((f) => !f.startsWith("_") && f !== "item");
  const event = spec.event, metric = spec.metric;
  const whole = tidy({ ...spec, event: event && { ...event, title: event.title || name } });
  const save = useDo({
    run: async () => {
      const { documents } = await apply(JSON.stringify({ kind: "LogRule", name: name.trim(), spec: whole }), false);
      const bad = documents.find((d) => d.action === "failed");
      if (bad) throw new Error([bad.problem, ...(bad.errors ?? []).map((e) => `${e.field} ${e.rule}`)].filter(Boolean).join("; "));
    },
    done: `${name} was saved`, failed: "It was not saved", touches: ["log-rule", "document"], then: onClose,
  });
  return (
    <Modal opened onClose={onClose} size="xl" title={old ? `Log rule ${old}` : "Make a log rule"} closeButtonProps={{ "aria-label": "Close" }}>
      <form className="stack" onSubmit={(e) => { e.preventDefault(); save.mutate(undefined); }}>
        <TextInput label="Name" required disabled={Boolean(old)} data-autofocus={!old} value={name} onChange={(e) => setName(e.currentTarget.value)} />
        {spec.pattern ? (
          <div><div>Lines of the pattern</div><code className={classes.block}>{pattern.data ? pattern.data.template.replaceAll("<*>", "‹…›") : spec.pattern}</code></div>
        ) : <Textarea label="Lines that match" description="LogsQL, without pipes" required autosize minRows={1} maxRows={6} spellCheck={false} value={spec.query ?? ""} onChange={(e) => put({ query: e.currentTarget.value })} styles={{ input: { fontFamily: "var(--mantine-font-family-monospace)" } }} />}
        <div className={classes.two}>
          <TagsInput label="Counted apart by" description="The item always is" data={names} value={spec.by ?? []} onChange={(by) => put({ by })} maxTags={5} clearable />
          <TextInput label="Looked at every" placeholder="1m" value={spec.every ?? ""} onChange={(e) => put({ every: e.currentTarget.value })} />
        </div>
        <Checkbox label="Open an alert while there are many" checked={Boolean(event)} onChange={(e) => put({ event: e.currentTarget.checked ? { above: 10, window: "5m", severity: "warning", title: "" } : undefined })} />
        {event && (
          <div className={classes.two}>
            <NumberInput label="More lines than" min={0} value={event.above} onChange={(v) => put({ event: { ...event, above: Math.max(0, Number(v) || 0) } })} />
            <Select label="Within" data={[...new Set([...windows, event.window || "5m"])]} allowDeselect={false} value={event.window || "5m"} onChange={(v) => put({ event: { ...event, window: v ?? "5m" } })} />
            <Select label="Severity" data={severities} allowDeselect={false} value={event.severity} onChange={(v) => put({ event: { ...event, severity: v ?? "warning" } })} />
            <TextInput label="Title" placeholder={name || "What the alert is called"} value={event.title} onChange={(e) => put({ event: { ...event, title: e.currentTarget.value } })} />
          </div>
        )}
        <Checkbox label="Count the lines as a metric" checked={Boolean(metric)} onChange={(e) => put({ metric: e.currentTarget.checked ? { name: `${nameOf(name || spec.query || "log lines", "_") || "log_lines"}_total` } : undefined })} />
        {metric && <TextInput label="Name of the metric" required value={metric.name} onChange={(e) => put({ metric: { name: e.currentTarget.value } })} style={{ maxWidth: "24rem" }} />}
        <Trial spec={whole} />
        <div className="row">
          <Button type="submit" loading={save.isPending} disabled={!name.trim() || (!event && !metric)} title={!event && !metric ? "It makes neither an alert nor a metric" : undefined}>{old ? "Save" : "Make the rule"}</Button>
          <Button variant="default" onClick={onClose}>Cancel</Button>
        </div>
      </form>
    </Modal>
  );
}

const columns: Column<LogRuleFiring>[] = [
  { id: "from", label: "Fired", width: "10rem", narrow: true, cell: (f) => exact(Date.parse(f.from)), text: (f) => f.from },
  { id: "for", label: "For", width: "5rem", narrow: true, cell: (f) => (f.to ? <Took from={f.from} to={f.to} /> : <span className="dim">still</span>), text: (f) => f.to },
  { id: "item", label: "Item", width: "minmax(6rem, 1fr)", cell: (f) => <ItemLink id={f.labels.item} />, text: (f) => f.labels.item },
  { id: "group", label: "Group", width: "minmax(6rem, 1fr)", cell: (f) => groupName({ ...f.labels, item: "" }).replace("all lines", ""), text: (f) => groupName(f.labels) },
  { id: "peak", label: "Peak", width: "5rem", align: "right", narrow: true, cell: (f) => count(f.peak), text: (f) => f.peak },
];

/** What the rule would have done: asked again a moment after it was changed. */
function Trial({ spec }: { spec: LogRuleSpec }) {
  const [hours, setHours] = useState("1");
  const [settled] = useDebouncedValue(JSON.stringify(spec), 500);
  const asked = useMemo(() => JSON.parse(settled) as LogRuleSpec, [settled]);
  const ready = Boolean((asked.query || asked.pattern) && (asked.event || asked.metric));
  const query = useQuery({ queryKey: ["log", "rule preview", settled, hours], queryFn: () => tryLogRule(asked.event ? { ...asked, event: { ...asked.event, title: asked.event.title || "untitled" } } : asked, Number(hours)), enabled: ready, retry: false, placeholderData: keepPreviousData, staleTime: 30_000 });
  const p = query.data;
  const drawn = useMemo(() => (p ? seriesOf(p) : []), [p]);
  const spans = useMemo(() => (p?.firings ?? []).map((f) => ({ from: Date.parse(f.from) / 1000, to: Date.parse(f.to ?? p!.end) / 1000 })), [p]);
  return (
    <section className={classes.trial} aria-label="What it would have done">
      <div className="row wrap">
        <Select aria-label="Range of the preview" data={ranges.map((r) => ({ value: r.value, label: `Last ${r.label}` }))} allowDeselect={false} value={hours} onChange={(v) => setHours(v ?? "1")} style={{ width: "9rem" }} />
        {p && !query.error && <p className="row" role="status"><Mark level={p.fired ? "minor" : "clear"} /><span>{sentence(p, asked, ranges.find((r) => r.value === hours)!.label)} {p.over > 0 && <span className="dim">{p.over} more groups are too many to be counted.</span>}</span></p>}
        {!p && !query.error && <span className="dim" role="status">{ready ? "Counting…" : "Say which lines, and what becomes of them."}</span>}
      </div>
      {query.error && <ProblemView error={query.error} />}
      {p && !query.error && (
        <>
          <figure style={{ margin: 0, minHeight: 164 }} aria-label="Lines over time">
            {drawn.length > 0 && <Suspense><Plot series={drawn} names={drawn.map((s) => groupName(s.labels))} unit="none" from={Date.parse(p.start)} to={Date.parse(p.end)} step={p.step} height={150} min={0} onZoom={() => undefined} spans={spans} threshold={asked.event?.above} /></Suspense>}
          </figure>
          {p.firings.length > 0 && <DataTable label="When the rule would have fired" columns={columns} rows={p.firings.slice(0, 20)} rowKey={(f) => `${f.from} ${JSON.stringify(f.labels)}`} fit total={p.fired > 20 ? `the first 20 of ${p.fired}` : undefined} />}
        </>
      )}
    </section>
  );
}
