import { Button, Modal, Select, Textarea, TextInput } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { openIncident } from "@/api/desk";
import type { IncidentDraft } from "@/api/types";
import { ItemPicker } from "@/components/ItemPicker";
import { ProblemView } from "@/components/ProblemView";
import { useDo } from "@/components/toast";

type Weight = NonNullable<IncidentDraft["impact"]>;
const weights: { value: Weight; label: string }[] = [{ value: "high", label: "High" }, { value: "medium", label: "Medium" }, { value: "low", label: "Low" }];

export function NewIncident({ opened, onClose, item }: { opened: boolean; onClose: () => void; item?: string }) {
  const navigate = useNavigate();
  const [title, setTitle] = useState("");
  const [description, setDescription] = useState("");
  const [about, setAbout] = useState(item ?? "");
  const [impact, setImpact] = useState<Weight | null>("medium");
  const [urgency, setUrgency] = useState<Weight | null>("medium");
  const open = useDo({
    run: () => openIncident({ title, description: description || undefined, item: about || undefined, impact: impact ?? undefined, urgency: urgency ?? undefined }),
    done: (i) => `${i.number} was opened`,
    touches: ["incident"],
    then: (i) => {
      onClose();
      void navigate({ to: "/incidents/$id", params: { id: i.id } });
    },
  });
  return (
    <Modal opened={opened} onClose={onClose} title="Open an incident" closeButtonProps={{ "aria-label": "Close" }}>
      <form className="stack" onSubmit={(e) => { e.preventDefault(); open.mutate(undefined); }}>
        <TextInput label="Title" required data-autofocus value={title} onChange={(e) => setTitle(e.currentTarget.value)} />
        <Textarea label="What is known" description="Markdown" autosize minRows={3} value={description} onChange={(e) => setDescription(e.currentTarget.value)} />
        <ItemPicker label="Item" value={about} onChange={setAbout} />
        <div className="row">
          <Select className="grow" label="Impact" data={weights} value={impact} onChange={(v) => setImpact(v as Weight | null)} />
          <Select className="grow" label="Urgency" data={weights} value={urgency} onChange={(v) => setUrgency(v as Weight | null)} />
        </div>
        {open.error && <ProblemView error={open.error} />}
        <Button type="submit" loading={open.isPending} disabled={!title.trim()}>Open</Button>
      </form>
    </Modal>
  );
}
