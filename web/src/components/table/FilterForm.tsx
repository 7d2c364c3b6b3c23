import { Button, MultiSelect, Select, TextInput } from "@mantine/core";
import { useState } from "react";
import { TimeInput } from "@/ui/TimeInput";
import { operatorWord, type Condition, type Operator } from "@/state/where";
import { levels } from "@/ui/severity";
import type { Filter } from "./column";

const operators: Record<Filter["kind"], Operator[]> = {
  choice: ["=", "!="],
  severity: [">=", "=", "<="],
  text: ["=", "~", "!="],
  number: ["=", ">=", "<="],
  time: [">=", "<="],
};

/** One condition, built by hand; the operators offered are those that make sense for the field. */
export function FilterForm({ filters, onAdd }: { filters: Filter[]; onAdd: (c: Condition) => void }) {
  const [field, setField] = useState(filters[0]!.field);
  const filter = filters.find((f) => f.field === field) ?? filters[0]!;
  const [operator, setOperator] = useState<Operator>(operators[filter.kind][0]!);
  const [values, setValues] = useState<string[]>([]);
  const choices = filter.kind === "severity" ? levels.filter((l) => l !== "unknown") : filter.choices;
  const many = operator === "=" || operator === "!=";
  const pick = (f: string) => {
    const next = filters.find((x) => x.field === f)!;
    setField(f);
    setOperator(operators[next.kind][0]!);
    setValues([]);
  };
  return (
    <form className="stack" style={{ gap: "0.5rem" }} onSubmit={(e) => { e.preventDefault(); if (values.length) onAdd({ field, operator, values }); }}>
      <Select label="Field" data={filters.map((f) => ({ value: f.field, label: f.label }))} value={field} onChange={(v) => v && pick(v)} allowDeselect={false} comboboxProps={{ withinPortal: false }} />
      <Select label="Comparison" data={operators[filter.kind].map((o) => ({ value: o, label: operatorWord(o) }))} value={operator} allowDeselect={false} comboboxProps={{ withinPortal: false }}
        onChange={(v) => { if (v) { setOperator(v as Operator); setValues([]); } }} />
      {choices ? (
        many ? <MultiSelect label="Values" data={choices} value={values} onChange={setValues} comboboxProps={{ withinPortal: false }} />
          : <Select label="Value" data={choices} value={values[0] ?? null} onChange={(v) => setValues(v ? [v] : [])} comboboxProps={{ withinPortal: false }} />
      ) : filter.kind === "time" ? (
        <TimeInput label="Value" value={values[0] ? Date.parse(values[0]) : undefined} onChange={(at) => setValues(at === undefined ? [] : [new Date(at).toISOString()])} />
      ) : (
        <TextInput label="Value" type={filter.kind === "number" ? "number" : "text"} onChange={(e) => { const v = e.currentTarget.value; setValues(v === "" ? [] : [v]); }} />
      )}
      <Button type="submit" disabled={!values.length}>Add filter</Button>
    </form>
  );
}
