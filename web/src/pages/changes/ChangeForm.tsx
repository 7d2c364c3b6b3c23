import { Button, Modal, Select, Textarea, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { draftChange, writeChange } from "@/api/changes";
import { teamsQuery } from "@/api/platform";
import type { Change, ChangeDraft } from "@/api/types";
import { ItemsPicker } from "@/components/ItemPicker";
import { ProblemView } from "@/components/ProblemView";
import { useDo } from "@/components/toast";
import { TimeInput } from "@/ui/TimeInput";

type Risk = NonNullable<ChangeDraft["risk"]>;
const risks: { value: Risk; label: string }[] = [{ value: "low", label: "Low" }, { value: "moderate", label: "Moderate" }, { value: "high", label: "High" }];

/** Drafts a change, or writes a draft anew. */
export function ChangeForm({ change, item, onClose }: { change?: Change; item?: string; onClose: () => void }) {
  const navigate = useNavigate();
  const teams = useQuery(teamsQuery);
  const [title, setTitle] = useState(change?.title ?? "");
  const [reason, setReason] = useState(change?.reason ?? "");
  const [items, setItems] = useState<string[]>(change?.items ?? (item ? [item] : []));
  const [risk, setRisk] = useState<Risk>(change?.risk ?? "moderate");
  const [team, setTeam] = useState<string | null>(change?.team ?? null);
  const [from, setFrom] = useState(change?.plannedStart ? Date.parse(change.plannedStart) : undefined);
  const [to, setTo] = useState(change?.plannedEnd ? Date.parse(change.plannedEnd) : undefined);
  const wrong = from !== undefined && to !== undefined && from >= to ? "It must end after it starts" : (from === undefined) !== (to === undefined) ? "Both times, or none" : undefined;
  const draft = (): ChangeDraft => ({
    title: title.trim(), reason: reason.trim() || undefined, risk, team: team ?? undefined, items,
    plannedStart: from === undefined ? undefined : new Date(from).toISOString(), plannedEnd: to === undefined ? undefined : new Date(to).toISOString(),
  });
  const save = useDo({
    run: () => change ? writeChange(change.id, draft()) : draftChange(draft()),
    done: (c) => change ? `${c.number} was saved` : `${c.number} was drafted`, failed: "It was not saved",
    touches: ["change", "ledger"],
    then: (c) => {
      onClose();
      if (!change) void navigate({ to: "/changes/$id", params: { id: c.id } });
    },
  });
  return (
    <Modal opened onClose={onClose} size="lg" title={change ? `Edit ${change.number}` : "Draft a change"} closeButtonProps={{ "aria-label": "Close" }}>
      <form className="stack" onSubmit={(e) => { e.preventDefault(); save.mutate(undefined); }}>
        <TextInput label="Title" required data-autofocus value={title} onChange={(e) => setTitle(e.currentTarget.value)} />
        <Textarea label="Why" description="What it is for, and what happens if it is not made" autosize minRows={2} value={reason} onChange={(e) => setReason(e.currentTarget.value)} />
        <ItemsPicker label="Items" description="What is changed: their alerts call nobody while an approved change is on" value={items} onChange={setItems} />
        <div className="row wrap" style={{ alignItems: "flex-start", gap: "0.75rem" }}>
          <TimeInput label="Planned from" width="12rem" value={from} onChange={setFrom} />
          <TimeInput label="To" width="12rem" value={to} onChange={setTo} error={wrong} />
          <Select label="Risk" data={risks} allowDeselect={false} style={{ flex: 1, minWidth: "8rem" }} value={risk} onChange={(v) => setRisk((v ?? "moderate") as Risk)} />
        </div>
        <Select label="Team" description="Who makes it" placeholder="Common" clearable data={(teams.data?.items ?? []).map((t) => ({ value: t.id, label: t.name }))} value={team} onChange={setTeam} />
        {save.error && <ProblemView error={save.error} />}
        <Button type="submit" loading={save.isPending} disabled={title.trim().length < 3 || Boolean(wrong)}>{change ? "Save" : "Draft it"}</Button>
      </form>
    </Modal>
  );
}
