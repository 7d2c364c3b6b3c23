import { Button, Modal, Textarea, TextInput } from "@mantine/core";
import { useState } from "react";
import { planMaintenance } from "@/api/monitor";
import { ItemPicker } from "@/components/ItemPicker";
import { ProblemView } from "@/components/ProblemView";
import { useDo } from "@/components/toast";
import { localInput } from "@/format/time";

export function PlanMaintenance({ onClose }: { onClose: () => void }) {
  const [name, setName] = useState("");
  const [reason, setReason] = useState("");
  const [item, setItem] = useState("");
  const [from, setFrom] = useState(localInput(Date.now()));
  const [to, setTo] = useState(localInput(Date.now() + 2 * 3_600_000));
  const reversed = Date.parse(from) >= Date.parse(to) ? "It must end after it starts" : undefined;
  const save = useDo({
    run: () => planMaintenance({ name, spec: { reason: reason || undefined, start: new Date(from).toISOString(), end: new Date(to).toISOString(), items: [item] } }),
    done: "Maintenance is planned", touches: ["maintenance"], then: onClose,
  });
  return (
    <Modal opened onClose={onClose} title="Plan maintenance" closeButtonProps={{ "aria-label": "Close" }}>
      <form className="stack" onSubmit={(e) => { e.preventDefault(); save.mutate(undefined); }}>
        <TextInput label="Name" required data-autofocus value={name} onChange={(e) => setName(e.currentTarget.value)} />
        <Textarea label="Reason" autosize minRows={2} value={reason} onChange={(e) => setReason(e.currentTarget.value)} />
        <ItemPicker label="Item" value={item} onChange={setItem} />
        <TextInput label="From" type="datetime-local" required value={from} onChange={(e) => setFrom(e.currentTarget.value)} />
        <TextInput label="To" type="datetime-local" required value={to} onChange={(e) => setTo(e.currentTarget.value)} error={reversed} />
        {save.error && <ProblemView error={save.error} />}
        <Button type="submit" loading={save.isPending} disabled={!name.trim() || !item || Boolean(reversed)}>Plan</Button>
      </form>
    </Modal>
  );
}
