import { Button, Select, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { classesQuery } from "@/api/graph";
import type { RuleWhen } from "@/api/types";
import { ItemPicker } from "@/components/ItemPicker";
import { conditionsOf, selectorOf, whichOf, type Conditions, type Which } from "./which";

const choices: { value: Which; label: string }[] = [{ value: "all", label: "All items" }, { value: "class", label: "Items of a class" }, { value: "item", label: "One item" }, { value: "selector", label: "A selector" }];

/** Whose series a rule is about. */
export function Items({ form, put }: { form: RuleWhen; put: (change: Partial<RuleWhen>) => void }) {
  const classes = useQuery(classesQuery);
  const [which, setWhich] = useState<Which>(() => whichOf(form));
  const [of, setOf] = useState<Conditions>(() => conditionsOf(form.items ?? "") ?? { class: "", attributes: [] });
  const choose = (c: Conditions) => { setOf(c); put({ items: selectorOf(c) || undefined }); };
  const attribute = (i: number, change: [string, string]) => choose({ ...of, attributes: of.attributes.map((a, n) => (n === i ? change : a)) });
  return (
    <div className="stack" style={{ gap: "0.5rem" }}>
      <div className="row wrap" style={{ alignItems: "flex-end", gap: "0.75rem" }}>
        <Select label="Of" data={choices} allowDeselect={false} value={which} style={{ flex: 1, minWidth: "9rem" }}
          onChange={(v) => { const w = (v ?? "all") as Which; setWhich(w); put({ item: undefined, items: w === "class" ? selectorOf(of) || undefined : w === "selector" ? form.items : undefined }); }} />
        {which === "class" && <Select label="Class" searchable data={(classes.data?.items ?? []).map((c) => c.name)} value={of.class || null} onChange={(v) => choose({ ...of, class: v ?? "" })} style={{ flex: 2, minWidth: "9rem" }} />}
        {which === "item" && <div style={{ flex: 2, minWidth: "9rem" }}><ItemPicker label="Item" value={form.item ?? ""} onChange={(id) => put({ item: id || undefined })} /></div>}
        {which === "selector" && <TextInput label="Selector" placeholder="class=host and name~web" style={{ flex: 2, minWidth: "9rem" }} styles={{ input: { fontFamily: "var(--mantine-font-family-monospace)" } }} value={form.items ?? ""} onChange={(e) => put({ items: e.currentTarget.value || undefined })} />}
      </div>
      {which === "class" && of.class && (
        <>
          {of.attributes.map(([name, value], i) => (
            <div key={i} className="row" style={{ alignItems: "flex-end" }}>
              <TextInput label="Attribute" placeholder="environment" style={{ flex: 1 }} value={name} onChange={(e) => attribute(i, [e.currentTarget.value, value])} />
              <TextInput label="is" placeholder="production" style={{ flex: 1 }} value={value} onChange={(e) => attribute(i, [name, e.currentTarget.value])} />
              <Button variant="default" aria-label={`Remove the attribute ${name}`} onClick={() => choose({ ...of, attributes: of.attributes.filter((_, n) => n !== i) })}>Remove</Button>
            </div>
          ))}
          <div><Button variant="default" size="xs" onClick={() => choose({ ...of, attributes: [...of.attributes, ["", ""]] })}>Only with an attribute</Button></div>
        </>
      )}
    </div>
  );
}
