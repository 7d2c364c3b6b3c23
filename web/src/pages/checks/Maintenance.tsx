import { Button, Modal, Textarea, TextInput } from "@mantine/core";
import { useState } from "react";
import { endMaintenance, maintenancePath, planMaintenance } from "@/api/monitor";
import type { Maintenance } from "@/api/types";
import { useActions } from "@/app/actions";
import { useCan } from "@/app/session";
import { ItemPicker } from "@/components/ItemPicker";
import { ProblemView } from "@/components/ProblemView";
import type { Column } from "@/components/table/column";
import { ListView } from "@/components/table/ListView";
import { useDo } from "@/components/toast";
import { localInput } from "@/format/time";
import { StateBadge } from "@/ui/Badges";
import { Empty } from "@/ui/Empty";
import { PageHead } from "@/ui/Panel";
import { At } from "@/ui/TimeAgo";

/** Where a window stands, by the clock. */
export function phase(m: Pick<Maintenance, "from" | "to">, now: number): "planned" | "active" | "over" {
  return now < Date.parse(m.from) ? "planned" : now < Date.parse(m.to) ? "active" : "over";
}

export default function MaintenancePage() {
  const can = useCan();
  const [planning, setPlanning] = useState(false);
  const why = can("maintenance:write") ? undefined : "Your role may not plan maintenance";
  const end = useDo({ run: (id: string) => endMaintenance(id), done: "It has ended", touches: ["maintenance"] });
  useActions([{ id: "maintenance-new", label: "Plan maintenance", group: "Actions", keys: "c", disabled: why, run: () => setPlanning(true) }]);
  const columns: Column<Maintenance>[] = [
    { id: "state", label: "State", width: "7rem", narrow: true, cell: (m) => <StateBadge state={phase(m, Date.now())} />, text: (m) => phase(m, Date.now()) },
    { id: "name", label: "Window", width: "minmax(9rem, 2fr)", sort: "name", narrow: true, cell: (m) => m.name, text: (m) => m.name },
    { id: "reason", label: "Reason", width: "minmax(8rem, 2fr)", cell: (m) => <span className="dim">{m.reason}</span>, text: (m) => m.reason },
    { id: "from", label: "From", width: "10rem", sort: "from", cell: (m) => <At at={m.from} />, text: (m) => m.from },
    { id: "to", label: "To", width: "10rem", narrow: true, cell: (m) => <At at={m.to} />, text: (m) => m.to },
    { id: "items", label: "Items", width: "4rem", align: "right", cell: (m) => m.items?.length ?? 0, text: (m) => m.items?.length },
    { id: "end", label: "", width: "5rem", align: "right", cell: (m) => phase(m, Date.now()) === "over" ? null : <Button size="compact-xs" variant="default" disabled={Boolean(why)} title={why} onClick={() => end.mutate(m.id)}>End</Button>, text: () => "" },
  ];
  return (
    <>
      <PageHead title="Maintenance" sub="Alerts of these items are kept, but bother nobody" actions={<Button disabled={Boolean(why)} title={why} onClick={() => setPlanning(true)}>Plan maintenance</Button>} />
      <ListView<Maintenance> kind="maintenance" path={maintenancePath} label="Maintenance windows" columns={columns} rowKey={(m) => m.id} searchable={false}
        empty={<Empty title="No maintenance is planned">During a window alerts of its items are recorded but suppressed.</Empty>} />
      {planning && <Plan onClose={() => setPlanning(false)} />}
    </>
  );
}

function Plan({ onClose }: { onClose: () => void }) {
  const [name, setName] = useState("");
  const [reason, setReason] = useState("");
  const [item, setItem] = useState("");
  const [from, setFrom] = useState(localInput(Date.now()));
  const [to, setTo] = useState(localInput(Date.now() + 2 * 3_600_000));
  const reversed = Date.parse(from) >= Date.parse(to) ? "It must end after it starts" : undefined;
  const save = useDo({ run: () => planMaintenance({ name, reason: reason || undefined, from: new Date(from).toISOString(), to: new Date(to).toISOString(), items: item ? [item] : [] }), done: "Maintenance is planned", touches: ["maintenance"], then: onClose });
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
