import { ActionIcon, Autocomplete, Button, Checkbox, MultiSelect, NumberInput, Select, Textarea, TextInput } from "@mantine/core";
import type { ReactNode } from "react";
import type { Mapping, Panel, PanelType, Threshold, Variable } from "@/api/dashboards";
import { IconClose, IconPlus } from "@/ui/icons";
import { levels, wording } from "@/ui/severity";
import { calcs, units } from "../values";
import classes from "./Edit.module.css";
import { as, kinds } from "./kinds";

interface Props {
  panel: Panel;
  variables: Variable[];
  set: (p: Panel, about: string) => void;
}

const isMeasured = (t: PanelType) => t !== "text" && t !== "map" && t !== "row";
const severities = levels.map((l) => ({ value: l, label: wording(l) }));
const number = (v: string | number) => (v === "" || v === "-" || Number.isNaN(Number(v)) ? undefined : Number(v));

/** Everything that can be set of a panel besides its queries. */
export function Options({ panel: p, variables, set }: Props) {
  const put = (change: Partial<Panel>) => set(clean({ ...p, ...change }), Object.keys(change).join());
  const single = p.type === "stat" || p.type === "gauge" || p.type === "bar" || p.type === "topList";
  return (
    <div className={classes.options}>
      <Group title="Panel">
        {p.type !== "row" && <Select label="Type" data={kinds.filter((k) => k.type !== "row").map((k) => ({ value: k.type, label: k.label }))} value={p.type} allowDeselect={false} onChange={(v) => v && set(as(p, v as PanelType), "type")} />}
        <TextInput label="Title" value={p.title ?? ""} onChange={(e) => put({ title: e.currentTarget.value })} />
        <Textarea label="Description" autosize minRows={1} maxRows={5} value={p.description ?? ""} onChange={(e) => put({ description: e.currentTarget.value })} />
        {variables.length > 0 && <Select label="Repeat for each" placeholder="Not repeated" clearable data={variables.map((v) => ({ value: v.name, label: v.label || v.name }))} value={p.repeat ?? null} onChange={(v) => put({ repeat: v ?? undefined })} />}
        {p.type === "row" && <Checkbox label="Folded at first" checked={Boolean(p.collapsed)} onChange={(e) => put({ collapsed: e.currentTarget.checked })} />}
        {p.type === "map" && <TextInput label="Items" description="A selector, such as class=host and site=berlin" value={p.selector ?? ""} onChange={(e) => put({ selector: e.currentTarget.value })} />}
        {p.type === "text" && <Textarea label="Text" description="Markdown; variables are put in" autosize minRows={8} maxRows={24} value={p.text ?? ""} onChange={(e) => put({ text: e.currentTarget.value })} />}
      </Group>
      {isMeasured(p.type) && (
        <Group title="Values">
          <Autocomplete label="Unit" placeholder="Plain number" data={units} value={p.unit ?? ""} onChange={(v) => put({ unit: v || undefined })} />
          <div className={classes.pair}>
            <NumberInput label="Least" placeholder="By the data" value={p.min ?? ""} onChange={(v) => put({ min: number(v) })} />
            <NumberInput label="Most" placeholder="By the data" value={p.max ?? ""} onChange={(v) => put({ max: number(v) })} />
          </div>
          <div className={classes.pair}>
            <NumberInput label="Decimals" placeholder="As needed" min={0} max={9} value={p.decimals ?? ""} onChange={(v) => put({ decimals: number(v) })} />
            {p.type !== "heatmap" && <NumberInput label="At most" placeholder="All" min={0} max={1000} value={p.limit || ""} onChange={(v) => put({ limit: number(v) })} />}
          </div>
          {single && <Select label="Shown as" data={calcs} value={p.reduce ?? "last"} allowDeselect={false} onChange={(v) => put({ reduce: v === "last" ? undefined : (v as Panel["reduce"]) })} />}
          {p.type === "stat" && <Checkbox label="Its course behind it" checked={Boolean(p.spark)} onChange={(e) => put({ spark: e.currentTarget.checked })} />}
          {p.type === "table" && <TextInput label="Columns not shown" description="Separated by commas" defaultValue={(p.hide ?? []).join(", ")} onBlur={(e) => put({ hide: e.currentTarget.value.split(",").map((c) => c.trim()).filter(Boolean) })} />}
        </Group>
      )}
      {p.type === "timeseries" && <Drawing p={p} put={put} />}
      {isMeasured(p.type) && p.type !== "heatmap" && <Thresholds list={p.thresholds ?? []} put={(thresholds) => put({ thresholds })} />}
      {isMeasured(p.type) && p.type !== "heatmap" && p.type !== "timeseries" && <Mappings list={p.mappings ?? []} put={(mappings) => put({ mappings })} />}
    </div>
  );
}

/** Without what is empty: the document says only what is meant. */
function clean(p: Panel): Panel {
  return Object.fromEntries(Object.entries(p).filter(([, v]) => v !== undefined && v !== "" && v !== false && !(Array.isArray(v) && !v.length) && !(v && typeof v === "object" && !Array.isArray(v) && !Object.keys(v).length))) as Panel;
}

function Group({ title, children }: { title: string; children: ReactNode }) {
  return <fieldset className={classes.group}><legend>{title}</legend><div className="stack" style={{ gap: "0.5rem" }}>{children}</div></fieldset>;
}

function Drawing({ p, put }: { p: Panel; put: (c: Partial<Panel>) => void }) {
  const draw = (change: NonNullable<Panel["draw"]>) => put({ draw: Object.fromEntries(Object.entries({ ...p.draw, ...change }).filter(([, v]) => v && v !== "none" && v !== "lines")) as Panel["draw"] });
  const legend = (change: NonNullable<Panel["legend"]>) => put({ legend: Object.fromEntries(Object.entries({ ...p.legend, ...change }).filter(([k, v]) => v && !(k === "as" && v === "list") && !(Array.isArray(v) && !v.length))) as Panel["legend"] });
  return (
    <Group title="Drawing">
      <div className={classes.pair}>
        <Select label="Style" data={[{ value: "lines", label: "Lines" }, { value: "area", label: "Areas" }, { value: "bars", label: "Bars" }, { value: "points", label: "Points" }]} value={p.draw?.style ?? "lines"} allowDeselect={false} onChange={(v) => draw({ style: v as "lines" })} />
        <Select label="Stacked" data={[{ value: "none", label: "No" }, { value: "normal", label: "Yes" }, { value: "percent", label: "Shares" }]} value={p.draw?.stack ?? "none"} allowDeselect={false} onChange={(v) => draw({ stack: v as "none" })} />
      </div>
      <Checkbox label="Steps: a value holds until the next" checked={Boolean(p.draw?.step)} onChange={(e) => draw({ step: e.currentTarget.checked })} />
      <Checkbox label="Lines lead over gaps" checked={Boolean(p.draw?.join)} onChange={(e) => draw({ join: e.currentTarget.checked })} />
      <Select label="Legend" data={[{ value: "list", label: "List" }, { value: "table", label: "Table" }, { value: "none", label: "None" }]} value={p.legend?.as ?? "list"} allowDeselect={false} onChange={(v) => legend({ as: v as "list" })} />
      {p.legend?.as === "table" && <MultiSelect label="Its columns" data={calcs} value={p.legend.calcs?.length ? (p.legend.calcs as string[]) : ["min", "max", "avg", "last"]} onChange={(v) => legend({ calcs: v as never })} />}
      <TextInput label="At the right axis" description="A regular expression of names" value={p.right?.match ?? ""} onChange={(e) => put({ right: e.currentTarget.value ? { ...p.right, match: e.currentTarget.value } : undefined })} />
      {p.right && <Autocomplete label="Its unit" data={units} value={p.right.unit ?? ""} onChange={(unit) => put({ right: { ...p.right!, unit } })} />}
    </Group>
  );
}

function Thresholds({ list, put }: { list: Threshold[]; put: (l: Threshold[]) => void }) {
  const set = (i: number, t: Partial<Threshold>) => put(list.map((x, n) => (n === i ? { ...x, ...t } : x)));
  return (
    <Group title="Thresholds">
      {list.map((t, i) => (
        <div key={i} className={classes.line}>
          {t.from === undefined ? <span className="dim">Below</span> : <NumberInput aria-label={`Threshold ${i + 1}: from`} value={t.from} onChange={(v) => number(v) !== undefined && set(i, { from: number(v) })} />}
          <Select aria-label={`Threshold ${i + 1}: severity`} data={severities} value={t.severity} allowDeselect={false} onChange={(v) => set(i, { severity: v as Threshold["severity"] })} />
          <ActionIcon aria-label={`Remove threshold ${i + 1}`} onClick={() => put(list.filter((_t, n) => n !== i))}><IconClose size={14} /></ActionIcon>
        </div>
      ))}
      <Button variant="default" leftSection={<IconPlus size={13} />} onClick={() => put(list.length ? [...list, { from: (list.at(-1)!.from ?? 0) + 1, severity: "major" }] : [{ severity: "clear" }, { from: 0.9, severity: "major" }])}>Threshold</Button>
    </Group>
  );
}

function Mappings({ list, put }: { list: Mapping[]; put: (l: Mapping[]) => void }) {
  const set = (i: number, m: Partial<Mapping>) => put(list.map((x, n) => (n === i ? { ...x, ...m } : x)));
  return (
    <Group title="Words for values">
      {list.map((m, i) => (
        <div key={i} className={classes.line}>
          {m.from !== undefined || m.to !== undefined ? <span className="dim">{m.from ?? "…"} to {m.to ?? "…"}</span> : <TextInput aria-label={`Word ${i + 1}: value`} placeholder="1" value={m.value ?? ""} onChange={(e) => set(i, { value: e.currentTarget.value })} />}
          <TextInput aria-label={`Word ${i + 1}: text`} placeholder="up" value={m.text ?? ""} onChange={(e) => set(i, { text: e.currentTarget.value })} />
          <Select aria-label={`Word ${i + 1}: severity`} placeholder="No colour" clearable data={severities} value={m.severity ?? null} onChange={(v) => set(i, { severity: (v ?? undefined) as Mapping["severity"] })} />
          <ActionIcon aria-label={`Remove word ${i + 1}`} onClick={() => put(list.filter((_m, n) => n !== i))}><IconClose size={14} /></ActionIcon>
        </div>
      ))}
      <Button variant="default" leftSection={<IconPlus size={13} />} onClick={() => put([...list, { value: String(list.length), text: "word" }])}>Word</Button>
    </Group>
  );
}
