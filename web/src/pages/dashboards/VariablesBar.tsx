import { MultiSelect, Select, TextInput } from "@mantine/core";
import { useEffect, useState } from "react";
import type { Variable } from "@/api/dashboards";
import classes from "./Board.module.css";
import type { Resolved } from "./useVariables";
import { everything, type Values } from "./variables";

/** More choices than this are found by typing. */
const most = 300;

/** What may be chosen for a dashboard; the choice is kept in the address. */
export function VariablesBar({ variables, resolved, address, onChange }: { variables: Variable[]; resolved: Resolved | undefined; address: Values; onChange: (v: Values) => void }) {
  const seen = variables.filter((v) => !v.hidden);
  if (!seen.length) return null;
  return (
    <div className={classes.variables} role="group" aria-label="Variables">
      {seen.map((v) => <Choose key={v.name} v={v} resolved={resolved} set={(values) => { const { [v.name]: _gone, ...rest } = address; onChange(values ? { ...rest, [v.name]: values } : rest); }} />)}
    </div>
  );
}

function Choose({ v, resolved, set }: { v: Variable; resolved: Resolved | undefined; set: (values: string[] | undefined) => void }) {
  const label = v.label || v.name;
  const values = resolved?.values[v.name] ?? [];
  const options = resolved?.options[v.name] ?? [];
  const [text, setText] = useState(values[0] ?? "");
  useEffect(() => setText(values[0] ?? ""), [values[0]]);
  if (v.kind === "text") return <TextInput label={label} value={text} onChange={(e) => setText(e.currentTarget.value)} onBlur={() => { if (text !== (values[0] ?? "")) set([text]); }} onKeyDown={(e) => { if (e.key === "Enter") set([text]); }} classNames={{ root: classes.variable, label: classes.variableLabel }} />;
  // A value from the address that is not there any more stays to be seen.
  const data = [...(v.all ? [{ value: everything, label: "All" }] : []), ...options.map((o) => ({ value: o.value, label: o.text })), ...values.filter((x) => x !== everything && !options.some((o) => o.value === x)).map((x) => ({ value: x, label: x }))];
  const common = { label, data, searchable: true, limit: most, nothingFoundMessage: "Nothing there", error: resolved?.problems[v.name], classNames: { root: classes.variable, label: classes.variableLabel }, comboboxProps: { width: "max-content", position: "bottom-start" as const } };
  if (!v.multi) return <Select {...common} allowDeselect={false} value={values[0] ?? null} onChange={(x) => x !== null && set([x])} />;
  return (
    <MultiSelect {...common} value={values} onChange={(list) => {
      const last = list.at(-1);
      set(!list.length ? undefined : last === everything ? [everything] : list.filter((x) => x !== everything));
    }} />
  );
}
