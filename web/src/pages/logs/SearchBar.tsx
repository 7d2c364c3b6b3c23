import { ActionIcon, Autocomplete, Button, Menu, Select, Textarea, TextInput } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { lazy, Suspense, useMemo } from "react";
import { logValuesQuery } from "@/api/logs";
import { logFieldsQuery } from "@/api/telemetry";
import { ago } from "@/format/time";
import { IconClose } from "@/ui/icons";
import { Mark } from "@/ui/Mark";
import { Segments } from "@/ui/Segments";
import type { Asked } from "./asked";
import { useDraft } from "./draft";
import { operators, read, write, type Form, type Operator, type Row } from "./form";
import { fieldName } from "./logsql";
import classes from "./Search.module.css";

const QueryEditor = lazy(() => import("./QueryEditor"));

interface Props {
  text: string;
  onText: (text: string) => void;
  onRun: () => void;
  /** Of which datasets; of all when absent. */
  only?: string[];
  asForm: boolean;
  onForm: (on: boolean) => void;
  from: number;
  to: number;
  busy: boolean;
  fault?: { at: number; text: string };
  asked: Asked[];
  onAsked: (q: string) => void;
}

const minute = 60_000;
const minutes = (from: number, to: number) => [Math.floor(from / minute) * minute, Math.ceil(to / minute) * minute] as const;

/** The query as LogsQL, or as a form where one can say it. */
export function SearchBar(p: Props) {
  const client = useQueryClient();
  const [start, end] = minutes(p.from, p.to);
  const reading = useMemo(() => read(p.text), [p.text]);
  const fields = () => client.fetchQuery(logFieldsQuery("*", start, end, p.only));
  const values = (field: string, prefix: string) => client.fetchQuery(logValuesQuery(prefix ? `${fieldName(field)}:=${JSON.stringify(prefix)}*` : "*", field, start, end, 50, p.only));
  const form = p.asForm ? reading.form : undefined;
  return (
    <form className={classes.ask} onSubmit={(e) => { e.preventDefault(); p.onRun(); }}>
      <div className={classes.top}>
        <Segments aria-label="How the search is written" data={[{ value: "text", label: "LogsQL" }, { value: "form", label: "Form" }]} value={p.asForm ? "form" : "text"} onChange={(v) => p.onForm(v === "form")} />
        {form ? <span className={classes.written} title={p.text || "everything"}>{p.text ? <code>{p.text}</code> : <span className="dim">everything</span>}</span>
          : <Suspense fallback={<div className={classes.editor} style={{ minHeight: "1.9rem" }} />}><QueryEditor value={p.text} onChange={p.onText} onRun={p.onRun} fields={fields} values={values} fault={p.fault} /></Suspense>}
        <Button type="submit" loading={p.busy}>Search</Button>
        <Menu position="bottom-end" width={480}>
          <Menu.Target><Button variant="default" disabled={!p.asked.length} title={p.asked.length ? undefined : "Nothing was searched for yet"}>History</Button></Menu.Target>
          <Menu.Dropdown className={classes.asked}>
            {p.asked.map((a) => <Menu.Item key={a.q} onClick={() => p.onAsked(a.q)} rightSection={<span className="dim">{ago(a.at, Date.now())}</span>}><code>{a.q}</code></Menu.Item>)}
          </Menu.Dropdown>
        </Menu>
      </div>
      {p.asForm && (form ? <Rows form={form} onChange={(f) => p.onText(write(f))} only={p.only} start={start} end={end} /> : <p className="row" role="status"><Mark level="info" /><span>No form says this: {reading.why}. It stays as LogsQL.</span></p>)}
      {p.fault && <p className="row" role="alert"><Mark level="major" /><span>{p.fault.text}{p.fault.at >= 0 && <span className="dim"> (at character {p.fault.at})</span>}</span></p>}
    </form>
  );
}

const blank: Row = { field: "", operator: "is", not: false, value: "" };
const choices = operators.flatMap((o) => [{ value: o.value as string, label: o.label }, ...(o.not ? [{ value: `!${o.value}`, label: o.not }] : [])]);

function Rows({ form, onChange, only, start, end }: { form: Form; onChange: (f: Form) => void; only?: string[]; start: number; end: number }) {
  // A row that is not finished is not in the query yet: it is kept here until it is.
  const [draft, setDraft] = useDraft(form);
  const put = (next: Form) => { setDraft(next); onChange(next); };
  const rows = draft.rows.length ? draft.rows : [blank];
  const set = (i: number, r: Row) => put({ ...draft, rows: rows.map((x, j) => (j === i ? r : x)) });
  const names = useQuery({ ...logFieldsQuery("*", start, end, only), retry: false });
  const fields = (names.data ?? []).map((f) => f.value).filter((f) => f !== "_time" && f !== "_stream_id");
  return (
    <div className={classes.form}>
      <div className={classes.words}>
        <TextInput label="With the words" placeholder='refused "no route"' data-search value={draft.words} onChange={(e) => put({ ...draft, words: e.currentTarget.value })} />
        <TextInput label="Without the words" placeholder="debug" value={draft.without} onChange={(e) => put({ ...draft, without: e.currentTarget.value })} />
      </div>
      {rows.map((r, i) => <Condition key={i} n={i + 1} row={r} fields={fields} only={only} start={start} end={end} onChange={(x) => set(i, x)} onRemove={() => put({ ...draft, rows: rows.filter((_, j) => j !== i) })} />)}
      <div><Button variant="default" size="compact-sm" onClick={() => setDraft({ ...draft, rows: [...rows, blank] })}>Add a condition</Button></div>
    </div>
  );
}

function Condition({ n, row: r, fields, only, start, end, onChange, onRemove }: { n: number; row: Row; fields: string[]; only?: string[]; start: number; end: number; onChange: (r: Row) => void; onRemove: () => void }) {
  const suggests = r.field !== "" && (r.operator === "is" || r.operator === "in" || r.operator === "contains");
  const values = useQuery({ ...logValuesQuery("*", r.field, start, end, 50, only), enabled: suggests && fields.includes(r.field), retry: false });
  const known = [...new Set((values.data ?? []).map((v) => v.value).filter(Boolean))];
  return (
    <div className={classes.condition} role="group" aria-label={`Condition ${n}`}>
      <Autocomplete aria-label={`Field ${n}`} placeholder="Field" data={fields} limit={50} value={r.field} onChange={(field) => onChange({ ...r, field })} />
      <Select aria-label={`How ${n}`} data={choices} allowDeselect={false} value={(r.not ? "!" : "") + r.operator} onChange={(v) => onChange({ ...r, not: v!.startsWith("!"), operator: v!.replace("!", "") as Operator })} />
      <div className={classes.value}>{r.operator === "there" ? null : r.operator === "in" ? <Textarea aria-label={`Value ${n}`} placeholder="One a line" autosize minRows={1} maxRows={6} value={r.value} onChange={(e) => onChange({ ...r, value: e.currentTarget.value })} />
        : <Autocomplete aria-label={`Value ${n}`} placeholder="Value" data={suggests ? known : []} limit={50} value={r.value} onChange={(value) => onChange({ ...r, value })} />}</div>
      <ActionIcon variant="subtle" color="gray" aria-label={`Remove condition ${n}`} onClick={onRemove}><IconClose size={14} /></ActionIcon>
    </div>
  );
}
