import { Button, Modal, Select, Textarea, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { createRule, setRule } from "@/api/monitor";
import { teamsQuery } from "@/api/platform";
import { readForm, writeForm } from "@/api/ruleform";
import { queryNow } from "@/api/telemetry";
import type { MetricRule, ReadForm, RuleSpec, RuleWhen } from "@/api/types";
import { useCan } from "@/app/session";
import { nameSeries } from "@/components/chart/MetricChart";
import { ProblemView } from "@/components/ProblemView";
import { Show } from "@/components/Query";
import { useDo } from "@/components/toast";
import { count, plural } from "@/format/number";
import { Mark } from "@/ui/Mark";
import { Preview } from "./Preview";
import { When } from "./When";

interface Props {
  rule?: MetricRule;
  expr?: string;
  onClose: () => void;
  onDone?: (r: MetricRule) => void;
}

/** A rule as a form, where its expression is one that a form makes; otherwise as PromQL, with the reason. */
export function RuleForm({ rule, expr = "", ...rest }: Props) {
  const began = rule?.spec.expr ?? expr;
  const opened = useQuery({ queryKey: ["metric-rule", "form", began, rule?.spec.items], queryFn: () => readForm(began, rule?.spec.items), enabled: Boolean(began) && !rule?.spec.record, staleTime: Infinity });
  const asks = Boolean(began) && !rule?.spec.record;
  return (
    <Modal opened onClose={rest.onClose} size="xl" title={rule ? `Metric rule ${rule.name}` : "Make a metric rule"} closeButtonProps={{ "aria-label": "Close" }}>
      {asks ? <Show query={opened} lines={6}>{(read) => <Fields rule={rule} expr={expr} read={read} {...rest} />}</Show> : <Fields rule={rule} expr={expr} {...rest} />}
    </Modal>
  );
}

const severities = ["info", "warning", "minor", "major", "critical"] as const;
const blank: RuleWhen = { function: "value", compare: "above" };

function Fields({ rule, expr, read, onClose, onDone }: Props & { read?: ReadForm }) {
  const teams = useQuery(teamsQuery);
  const can = useCan();
  const [name, setName] = useState(rule?.name ?? "");
  const [spec, setSpec] = useState<RuleSpec>(rule?.spec ?? { expr: expr ?? "", for: "5m", severity: "major" });
  const [form, setForm] = useState<RuleWhen | undefined>(read ? filled(read.form) : rule ? undefined : blank);
  const [why, setWhy] = useState(read?.why);
  const put = (change: Partial<RuleSpec>) => setSpec((s) => ({ ...s, ...change }));
  const [asked] = useDebouncedValue(form, 250);
  const ready = Boolean(asked && (asked.metric || asked.baseline) && (asked.function === "absent" || asked.value !== undefined));
  const written = useQuery({ queryKey: ["metric-rule", "written", asked], queryFn: () => writeForm(clean(asked!)), enabled: ready, retry: false, placeholderData: keepPreviousData, staleTime: 60_000 });
  // Until the server has written what is in the fields there is nothing to save or to try.
  const current = form && (asked !== form || !ready || written.isPlaceholderData || written.error) ? undefined : written.data;
  const whole = form ? { ...spec, expr: current?.expr ?? "", items: current?.items } : spec;
  const tidy = () => clean({ ...whole, title: whole.title || (form && !rule ? current?.title : undefined) });
  const save = useDo({ run: () => (rule ? setRule(rule, tidy()) : createRule(name.trim(), tidy())), done: `${name} was saved`, touches: ["metric-rule", "document"], then: (r) => { onClose(); onDone?.(r); } });
  const toForm = useDo({ run: () => readForm(spec.expr, spec.items), touches: [], then: (r) => { setWhy(r.why); if (r.form) setForm(filled(r.form)); } });
  const toText = () => { if (written.data && ready) put({ expr: written.data.expr, items: written.data.items }); setForm(undefined); setWhy(undefined); };
  return (
    <form className="stack" onSubmit={(e) => { e.preventDefault(); save.mutate(undefined); }}>
      <TextInput label="Name" required disabled={Boolean(rule)} data-autofocus={!rule} value={name} onChange={(e) => setName(e.currentTarget.value)} />
      {form ? (
        <>
          <When form={form} onChange={setForm} units={written.data?.units ?? read?.units ?? []} />
          <div className="row" style={{ alignItems: "flex-start", justifyContent: "space-between", minHeight: "3.5rem" }}>
            <div className="grow" role="status">
              {current ? <><p>It fires when {current.says}.</p><code className="mono dim">{current.expr}</code></> : ready && written.error ? <ProblemView error={written.error} /> : <p className="dim">{ready ? "…" : "Name a metric and a value."}</p>}
            </div>
            <Button variant="default" onClick={toText}>Edit as PromQL</Button>
          </div>
        </>
      ) : (
        <>
          {why && <p className="row" role="status"><Mark level="info" /><span>It opens as PromQL because {why}.</span></p>}
          <Textarea label="Fires when" description="PromQL; every series it gives is a fault, and its label item names the item" required autosize minRows={2} styles={{ input: { fontFamily: "var(--mantine-font-family-monospace)" } }}
            placeholder="system_filesystem_utilization > 0.9" value={spec.expr} onChange={(e) => put({ expr: e.currentTarget.value })} />
          <div className="row" style={{ alignItems: "flex-end" }}>
            <TextInput label="Only series of items" description="A selector such as class=host; empty: all" style={{ flex: 1 }} value={spec.items ?? ""} onChange={(e) => put({ items: e.currentTarget.value || undefined })} />
            {!spec.record && <Button variant="default" disabled={!spec.expr.trim()} loading={toForm.isPending} onClick={() => toForm.mutate(undefined)}>Use the form</Button>}
          </div>
        </>
      )}
      <Now expr={whole.expr} items={whole.items} />
      {can("metrics:read") && <Preview spec={{ ...clean(whole), expr: whole.expr }} />}
      <div className="row wrap" style={{ alignItems: "flex-start", gap: "0.75rem" }}>
        <TextInput label="For at least" description="Such as 5m; empty: at once" style={{ flex: 1, minWidth: "8rem" }} value={spec.for ?? ""} onChange={(e) => put({ for: e.currentTarget.value })} />
        <TextInput label="Evaluated every" description="Empty: 1m" style={{ flex: 1, minWidth: "8rem" }} value={spec.interval ?? ""} onChange={(e) => put({ interval: e.currentTarget.value })} />
        <Select label="Severity" description="Of its alerts" data={[...severities]} allowDeselect={false} style={{ flex: 1, minWidth: "8rem" }} value={spec.severity ?? "major"} onChange={(v) => put({ severity: v as RuleSpec["severity"] })} />
      </div>
      <TextInput label="Message: title of the alert" description="{{ $labels.item }} and {{ $value | humanize }} are filled in" placeholder={form && !rule ? current?.title : undefined} value={spec.title ?? ""} onChange={(e) => put({ title: e.currentTarget.value })} />
      <TextInput label="Description" value={spec.description ?? ""} onChange={(e) => put({ description: e.currentTarget.value })} />
      <Select label="Team" placeholder="Common" clearable data={(teams.data?.items ?? []).map((t) => ({ value: t.id, label: t.name }))} value={spec.team ?? null} onChange={(v) => put({ team: v ?? undefined })} />
      {save.error && <ProblemView error={save.error} />}
      <Button type="submit" loading={save.isPending} disabled={!name.trim() || !whole.expr.trim()}>Save</Button>
    </form>
  );
}

/** An answer leaves a value of zero out. */
const filled = (f: RuleWhen | undefined): RuleWhen | undefined => (f && f.function !== "absent" ? { value: 0, ...f } : f);

/** Without what is empty. */
const clean = <T extends object>(v: T) => Object.fromEntries(Object.entries(v).filter(([, v]) => v !== "" && v !== undefined && v !== null)) as T;

/** What the expression gives at this moment. */
function Now({ expr, items }: { expr: string; items?: string }) {
  const can = useCan();
  const [settled] = useDebouncedValue(expr.trim(), 500);
  const query = useQuery({ queryKey: ["metric", "try", settled], queryFn: ({ signal }) => queryNow(settled, signal), enabled: Boolean(settled) && can("metrics:read"), retry: false });
  if (!settled) return null;
  if (query.error) return <p className="row" role="status"><Mark level="major" /><span>{query.error.message}</span></p>;
  if (!query.data) return <p className="dim" role="status">Asking…</p>;
  const names = nameSeries(query.data.map((s) => ({ labels: s.labels })));
  return (
    <p className="row" role="status" style={{ alignItems: "flex-start" }}><Mark level={query.data.length ? "minor" : "clear"} style={{ marginTop: 3 }} />
      <span>{query.data.length ? <>It gives {plural(query.data.length, "series", "series")} now{items ? ", of all items" : ""}: {query.data.slice(0, 3).map((s, i) => `${names[i]} = ${count(s.value)}`).join("; ")}{query.data.length > 3 && ", …"}</> : "It gives no series now: it would not fire."}</span></p>
  );
}
