import { Button, Modal, Select, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { changeItem, classesQuery, createItem } from "@/api/graph";
import type { ItemDetails } from "@/api/items";
import { teamsQuery } from "@/api/platform";
import { ProblemView } from "@/components/ProblemView";
import { useDo } from "@/components/toast";

const TeamChoice = ({ value, onChange }: { value: string; onChange: (v: string) => void }) => {
  const teams = useQuery(teamsQuery);
  return <Select label="Team" clearable searchable placeholder="Everybody" data={(teams.data?.items ?? []).map((t) => ({ value: t.id, label: t.name }))} value={value || null} onChange={(v) => onChange(v ?? "")} />;
};

/** The name a person gives it, and whose it is. */
export function EditItem({ item: i, onClose }: { item: ItemDetails; onClose: () => void }) {
  const [name, setName] = useState(i.name);
  const [team, setTeam] = useState(i.team ?? "");
  const before = { name: i.name, team: i.team ?? "" };
  const undo = useDo({ run: () => changeItem(i.id, before), done: "As it was before", touches: ["item", "ledger"] });
  const save = useDo({
    run: () => changeItem(i.id, { ...(name.trim() !== before.name ? { name: name.trim() } : {}), ...(team !== before.team ? { team } : {}) }),
    done: "Changed", touches: ["item", "map", "ledger"], then: onClose, undo: () => () => undo.mutate(undefined),
  });
  return (
    <Modal opened onClose={onClose} title={`Edit ${i.name}`} closeButtonProps={{ "aria-label": "Close" }}>
      <form className="stack" onSubmit={(e) => { e.preventDefault(); save.mutate(undefined); }}>
        <TextInput label="Name" description="Empty: what the other sources call it" data-autofocus value={name} onChange={(e) => setName(e.currentTarget.value)} />
        <TeamChoice value={team} onChange={setTeam} />
        {save.error && <ProblemView error={save.error} />}
        <Button type="submit" loading={save.isPending} disabled={name.trim() === before.name && team === before.team}>Save</Button>
      </form>
    </Modal>
  );
}

/** An item that no source sees: a service, a contract, a room. */
export function NewItem({ onClose }: { onClose: () => void }) {
  const navigate = useNavigate();
  const classes = useQuery(classesQuery);
  const [kind, setKind] = useState<string | null>(null);
  const [name, setName] = useState("");
  const [team, setTeam] = useState("");
  const info = classes.data?.items.find((c) => c.name === kind);
  const make = useDo({
    run: () => createItem({ class: kind!, name: name.trim(), ...(team ? { team } : {}) }), done: (i) => `${i.name} was created`, touches: ["item", "map"],
    then: (i) => { onClose(); void navigate({ to: "/items/$id", params: { id: i.id } }); },
  });
  return (
    <Modal opened onClose={onClose} title="New item" closeButtonProps={{ "aria-label": "Close" }}>
      <form className="stack" onSubmit={(e) => { e.preventDefault(); if (kind && name.trim()) make.mutate(undefined); }}>
        <Select label="Class" required searchable data-autofocus nothingFoundMessage="No such class" description={info?.description} value={kind} onChange={setKind}
          data={(classes.data?.items ?? []).filter((c) => !c.abstract).map((c) => ({ value: c.name, label: c.label || c.name }))} />
        <TextInput label="Name" required value={name} onChange={(e) => setName(e.currentTarget.value)} />
        <TeamChoice value={team} onChange={setTeam} />
        {make.error && <ProblemView error={make.error} />}
        <p className="dim">Attributes and relations are added on its page.</p>
        <Button type="submit" disabled={!kind || !name.trim()} loading={make.isPending}>Create</Button>
      </form>
    </Modal>
  );
}
