import { Autocomplete, Button, Modal, NumberInput, Select, Textarea, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { changeItem, classesQuery } from "@/api/graph";
import type { ItemDetails } from "@/api/items";
import { ProblemView } from "@/components/ProblemView";
import { useDo } from "@/components/toast";
import { bytes } from "@/format/number";
import { kindOf, read, schemaOf, shortly, sourceWord, spaced, written } from "./schema";

/** What a person says of one attribute: it wins over other sources, until it is taken back. */
export function EditAttribute({ item: i, name: given, onClose }: { item: ItemDetails; name?: string; onClose: () => void }) {
  const classes = useQuery(classesQuery);
  const info = classes.data?.items.find((c) => c.name === i.class);
  const [name, setName] = useState(given ?? "");
  const known = i.attributes?.[name];
  const schema = schemaOf(info, name);
  const kind = kindOf(schema, known);
  const [text, setText] = useState<string>();
  const shown = text ?? written(kind, known);
  const result = read(kind, shown);
  const words = i.explanations?.[name] ?? [];
  const mine = words.find((w) => w.source === "person");
  const label = (n: string) => schemaOf(info, n).title ?? spaced(n);
  const put = (value: unknown) => changeItem(i.id, { attributes: { [name]: value } });
  const undo = useDo({ run: (value: unknown) => put(value), done: "As it was before", touches: ["item", "ledger"] });
  const back = () => () => undo.mutate(mine ? mine.value : null);
  const save = useDo({ run: (value: unknown) => put(value), done: `${label(name)} is set by hand`, touches: ["item", "ledger"], then: onClose, undo: back });
  const revoke = useDo({ run: () => put(null), done: `${label(name)} is what the other sources say`, touches: ["item", "ledger"], then: onClose, undo: back });
  const others = words.filter((w) => w.source !== "person");
  const common = { label: "Value", description: schema.description, value: shown };
  const free = Object.keys(info?.attributes ?? {}).filter((n) => i.attributes?.[n] === undefined).sort();
  return (
    <Modal opened onClose={onClose} title={given ? label(given) : `Add an attribute to ${i.name}`} closeButtonProps={{ "aria-label": "Close" }}>
      <form className="stack" onSubmit={(e) => { e.preventDefault(); if (name && "value" in result) save.mutate(result.value); }}>
        {!given && <Autocomplete size="xs" label="Attribute" description={info?.unknown === "refuse" ? "One of its class" : "One of its class, or a name of your own"} data={free.map((n) => ({ value: n, label: n }))} value={name} onChange={(n) => { setName(n.trim()); setText(undefined); }} data-autofocus />}
        {kind === "choice" || kind === "yesno"
          ? <Select {...common} data-autofocus={given ? true : undefined} value={shown || null} allowDeselect={false} onChange={(v) => setText(v ?? "")} data={kind === "yesno" ? [{ value: "true", label: "yes" }, { value: "false", label: "no" }] : (schema.enum ?? []).map(String)} />
          : kind === "number"
            ? <NumberInput {...common} data-autofocus={given ? true : undefined} onChange={(v) => setText(String(v))} hideControls />
            : kind === "text"
              ? <TextInput {...common} data-autofocus={given ? true : undefined} onChange={(e) => setText(e.currentTarget.value)} />
              : <Textarea {...common} description={schema.description ?? (kind === "list" ? "One to a line" : "JSON")} data-autofocus={given ? true : undefined} autosize minRows={3} maxRows={14} onChange={(e) => setText(e.currentTarget.value)} />}
        {kind === "number" && /bytes$/i.test(name) && "value" in result && <p className="dim">{bytes(result.value as number)}</p>}
        <p className="dim">What you say wins over other sources until you take it back.{others.length > 0 && <> Now {others.map((w) => `${sourceWord(w.source)} says ${shortly(name, w.value)}`).join("; ")}.</>}</p>
        {text !== undefined && "wrong" in result && <p role="alert">{result.wrong}</p>}
        {save.error && <ProblemView error={save.error} />}
        <div className="row" style={{ justifyContent: "end" }}>
          {mine && <Button variant="default" loading={revoke.isPending} onClick={() => revoke.mutate(undefined)}>Take mine back</Button>}
          <Button type="submit" disabled={!name || "wrong" in result} loading={save.isPending}>Set by hand</Button>
        </div>
      </form>
    </Modal>
  );
}
