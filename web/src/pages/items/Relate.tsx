import { Button, Modal, Select, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { relate, relationTypesQuery, unrelate } from "@/api/graph";
import type { ItemDetails, Relation, RelationType } from "@/api/items";
import { Confirm } from "@/components/Confirm";
import { ItemPicker } from "@/components/ItemPicker";
import { ProblemView } from "@/components/ProblemView";
import { useDo } from "@/components/toast";
import { sourceWord } from "./schema";

/** Every type in both directions, as it reads from the item: "depends on", "is needed by". Those that carry a fault come first. */
export function choices(types: RelationType[]): { value: string; label: string }[] {
  const rank = (t: RelationType) => (t.propagation === "none" ? 1 : 0);
  return [...types].sort((a, b) => rank(a) - rank(b) || a.name.localeCompare(b.name)).flatMap((t) => [
    { value: `out:${t.name}`, label: t.label || t.name.replaceAll("_", " ") },
    ...(t.inverse ? [{ value: `in:${t.name}`, label: t.inverse }] : []),
  ]);
}

export function Relate({ item: i, onClose }: { item: Pick<ItemDetails, "id" | "name">; onClose: () => void }) {
  const types = useQuery(relationTypesQuery);
  const [type, setType] = useState<string | null>("out:depends_on");
  const [other, setOther] = useState("");
  const [group, setGroup] = useState("");
  const list = choices(types.data?.items ?? []);
  const [way, name] = (type ?? "").split(":") as ["in" | "out", string];
  const ends = (): [string, string] => (way === "in" ? [other, i.id] : [i.id, other]);
  const undo = useDo({ run: ([from, to]: [string, string]) => unrelate(from, name, to), done: "The relation is gone again", touches: ["item", "map"] });
  const save = useDo({
    run: async () => { const [from, to] = ends(); await relate(from, name, to, group.trim() || undefined); return [from, to] as [string, string]; },
    done: "Related", touches: ["item", "map", "ledger"], then: onClose, undo: (e) => () => undo.mutate(e),
  });
  return (
    <Modal opened onClose={onClose} title={`Relate ${i.name}`} closeButtonProps={{ "aria-label": "Close" }}>
      <form className="stack" onSubmit={(e) => { e.preventDefault(); if (type && other) save.mutate(undefined); }}>
        <Select label={i.name} searchable allowDeselect={false} data={list} value={type} onChange={setType} />
        <ItemPicker label="Item" value={other} onChange={setOther} autoFocus />
        {way === "out" && <TextInput label="Redundancy group" description="Those of one group stand in for each other; leave it empty otherwise" value={group} onChange={(e) => setGroup(e.currentTarget.value)} />}
        {save.error && <ProblemView error={save.error} />}
        <Button type="submit" disabled={!type || !other} loading={save.isPending}>Relate</Button>
      </form>
    </Modal>
  );
}

/** Ends a relation, and says who may bring it back. */
export function Unrelate({ item: i, relation: r, onClose }: { item: Pick<ItemDetails, "id" | "name">; relation: Relation; onClose: () => void }) {
  const [from, to] = r.direction === "in" ? [r.item.id, i.id] : [i.id, r.item.id];
  const seen = (r.sources ?? []).filter((s) => s !== "person");
  return (
    <Confirm title="End the relation" action="End it" done="The relation has ended" touches={["item", "map", "ledger"]} run={() => unrelate(from, r.type, to)} onClose={onClose}>
      <p><strong>{i.name}</strong> {r.label || r.type} <strong>{r.item.name}</strong>: this no longer holds from now on. Its history stays.</p>
      {seen.length > 0 && <p className="dim">{seen.map(sourceWord).join(" and ")} {seen.length === 1 ? "sees" : "see"} it: the next report brings it back.</p>}
    </Confirm>
  );
}
