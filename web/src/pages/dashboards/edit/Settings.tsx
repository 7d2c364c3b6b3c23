import { ActionIcon, Button, Checkbox, Modal, MultiSelect, Select, TagsInput, Textarea, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { tagsQuery, type Spec, type Variable } from "@/api/dashboards";
import { teamsQuery } from "@/api/platform";
import { IconClose, IconPlus } from "@/ui/icons";
import { marked, markKinds } from "../happenings";
import classes from "./Edit.module.css";

/** What belongs to the dashboard as a whole. */
export function Settings({ spec, set, onClose }: { spec: Spec; set: (s: Spec, about: string) => void; onClose: () => void }) {
  const teams = useQuery(teamsQuery);
  const tags = useQuery(tagsQuery);
  const put = (change: Partial<Spec>) => set(Object.fromEntries(Object.entries({ ...spec, ...change }).filter(([, v]) => v !== undefined && v !== "" && !(Array.isArray(v) && !v.length))) as unknown as Spec, `settings ${Object.keys(change).join()}`);
  const variables = spec.variables ?? [];
  const setVariable = (i: number, v: Variable) => put({ variables: variables.map((x, n) => (n === i ? v : x)) });
  return (
    <Modal opened onClose={onClose} size="xl" title="Settings of the dashboard" closeButtonProps={{ "aria-label": "Close" }}>
      <div className="stack">
        <TextInput label="Title" value={spec.title} onChange={(e) => set({ ...spec, title: e.currentTarget.value }, "settings title")} />
        <Textarea label="Description" autosize minRows={1} value={spec.description ?? ""} onChange={(e) => put({ description: e.currentTarget.value })} />
        <div className="row wrap" style={{ alignItems: "flex-start" }}>
          <TagsInput label="Tags" size="xs" style={{ flex: 2, minWidth: "12rem" }} data={tags.data ?? []} value={spec.tags ?? []} onChange={(t) => put({ tags: t })} />
          <Select label="Team" placeholder="Common" clearable style={{ flex: 1, minWidth: "8rem" }} data={(teams.data?.items ?? []).map((t) => ({ value: t.id, label: t.name }))} value={spec.team ?? null} onChange={(v) => put({ team: v ?? undefined })} />
        </div>
        <div className="row wrap">
          <TextInput label="Opens from" placeholder="now-3h" style={{ flex: 1 }} value={spec.from ?? ""} onChange={(e) => put({ from: e.currentTarget.value })} />
          <TextInput label="To" placeholder="now" style={{ flex: 1 }} value={spec.to ?? ""} onChange={(e) => put({ to: e.currentTarget.value })} />
          <Select label="Refreshed every" placeholder="15s" clearable style={{ flex: 1 }} data={["5s", "10s", "15s", "30s", "1m", "5m", "15m", "1h"]} value={spec.refresh ?? null} onChange={(v) => put({ refresh: v ?? undefined })} />
        </div>
        <MultiSelect label="Marked on time series" description="What happened to the items shown" placeholder={marked(spec.marks).length ? undefined : "Nothing"} data={markKinds.map((k) => ({ value: k, label: k[0]!.toUpperCase() + k.slice(1) }))} value={marked(spec.marks)}
          onChange={(v) => put({ marks: v.length === markKinds.length ? undefined : v.length ? (v as Spec["marks"]) : ["none"] })} />
        <div>
          <h3>Variables</h3>
          {variables.map((v, i) => <VariableForm key={i} n={i} v={v} set={(x) => setVariable(i, x)} remove={() => put({ variables: variables.filter((_v, n) => n !== i) })} />)}
          <Button mt="xs" variant="default" leftSection={<IconPlus size={13} />} onClick={() => put({ variables: [...variables, { name: `variable${variables.length + 1}`, kind: "query", of: "item" }] })}>Variable</Button>
        </div>
        <div><Button onClick={onClose}>Done</Button></div>
      </div>
    </Modal>
  );
}

const variableKinds = [{ value: "query", label: "Values of a label" }, { value: "graph", label: "Items" }, { value: "constant", label: "A list" }, { value: "interval", label: "Durations" }, { value: "text", label: "Free text" }];

function VariableForm({ v, n, set, remove }: { v: Variable; n: number; set: (v: Variable) => void; remove: () => void }) {
  const put = (change: Partial<Variable>) => set(Object.fromEntries(Object.entries({ ...v, ...change }).filter(([k, x]) => k === "name" || (x !== undefined && x !== "" && x !== false && !(Array.isArray(x) && !x.length)))) as unknown as Variable);
  const kind = (k: Variable["kind"]): Variable => ({ name: v.name, kind: k, ...(v.label ? { label: v.label } : {}), ...(k === "query" ? { of: "item" } : k === "graph" ? { selector: "class=host" } : k === "constant" ? { options: ["a", "b"] } : k === "interval" ? { options: ["1m", "5m", "1h"] } : {}) });
  return (
    <div className={classes.variable} role="group" aria-label={`Variable ${v.name}`}>
      <TextInput label="Name" value={v.name} onChange={(e) => put({ name: e.currentTarget.value })} />
      <Select label="Kind" data={variableKinds} value={v.kind} allowDeselect={false} onChange={(k) => k && set(kind(k as Variable["kind"]))} />
      {v.kind === "query" && <><TextInput label="Label read" value={v.of ?? ""} onChange={(e) => put({ of: e.currentTarget.value })} /><TextInput label="Of the series" placeholder="All" value={v.query ?? ""} onChange={(e) => put({ query: e.currentTarget.value })} /><TextInput label="That match" placeholder="Regular expression" value={v.regex ?? ""} onChange={(e) => put({ regex: e.currentTarget.value })} /></>}
      {v.kind === "graph" && <TextInput label="Selector" value={v.selector ?? ""} onChange={(e) => put({ selector: e.currentTarget.value })} />}
      {(v.kind === "constant" || v.kind === "interval") && <TagsInput size="xs" label="Choices" value={v.options ?? []} onChange={(o) => put({ options: o })} />}
      <TextInput label="Shown as" placeholder={v.name} value={v.label ?? ""} onChange={(e) => put({ label: e.currentTarget.value })} />
      <div className="row">
        {v.kind !== "text" && v.kind !== "interval" && <Checkbox label="Several" checked={Boolean(v.multi)} onChange={(e) => put({ multi: e.currentTarget.checked, default: [] })} />}
        {v.kind !== "text" && v.kind !== "interval" && <Checkbox label="All" checked={Boolean(v.all)} onChange={(e) => put({ all: e.currentTarget.checked })} />}
        <ActionIcon aria-label={`Remove variable ${n + 1}`} onClick={remove}><IconClose size={14} /></ActionIcon>
      </div>
    </div>
  );
}
