import { Button } from "@mantine/core";
import { useState } from "react";
import { maintenancePath, removeMaintenance } from "@/api/monitor";
import type { Maintenance } from "@/api/types";
import { useActions } from "@/app/actions";
import { useCan } from "@/app/session";
import { ItemLink } from "@/components/Names";
import type { Column } from "@/components/table/column";
import { ListView } from "@/components/table/ListView";
import { useDo } from "@/components/toast";
import { StateBadge } from "@/ui/Badges";
import { Empty } from "@/ui/Empty";
import { PageHead } from "@/ui/Panel";
import { At } from "@/ui/TimeAgo";
import { PlanMaintenance } from "./PlanMaintenance";

const phase = (m: Maintenance) => (m.active ? "active" : m.nextStart ? "planned" : "over");

/** What a window covers, in a few words. */
function covers(m: Maintenance): string {
  if (m.spec.all) return "everything";
  return [m.spec.items?.length ? `${m.spec.items.length} items` : "", m.spec.selector ?? "", ...(m.spec.identities ?? []).map((i) => i.value)].filter(Boolean).join(", ");
}

export default function MaintenancePage() {
  const can = useCan();
  const [planning, setPlanning] = useState(false);
  const why = can("maintenance:write") ? undefined : "Your role may not plan maintenance";
  const end = useDo({ run: (id: string) => removeMaintenance(id), done: "The window was removed", touches: ["maintenance", "alert"] });
  useActions([{ id: "maintenance-new", label: "Plan maintenance", group: "Actions", keys: "c", disabled: why, run: () => setPlanning(true) }]);
  const columns: Column<Maintenance>[] = [
    { id: "state", label: "State", width: "7rem", narrow: true, cell: (m) => <StateBadge state={phase(m)} />, text: phase },
    { id: "name", label: "Window", width: "minmax(9rem, 1.5fr)", sort: "name", narrow: true, cell: (m) => m.name, text: (m) => m.name },
    { id: "reason", label: "Reason", width: "minmax(8rem, 1.5fr)", cell: (m) => <span className="dim">{m.spec.reason}</span>, text: (m) => m.spec.reason },
    { id: "covers", label: "Covers", width: "minmax(8rem, 1fr)", cell: (m) => m.spec.items?.length === 1 && !m.spec.selector ? <ItemLink id={m.spec.items[0]} /> : covers(m), text: covers },
    { id: "start", label: "Starts", width: "10rem", sort: "start", cell: (m) => <At at={m.nextStart ?? m.spec.start} />, text: (m) => m.spec.start },
    { id: "end", label: "Ends", width: "10rem", sort: "end", narrow: true, cell: (m) => <At at={m.nextEnd ?? m.spec.end} />, text: (m) => m.spec.end },
    { id: "repeats", label: "Repeats", width: "8rem", hidden: true, cell: (m) => m.spec.recurrence, text: (m) => m.spec.recurrence },
    { id: "act", label: "Action", width: "5.5rem", align: "right", cell: (m) => <Button size="compact-xs" variant="default" disabled={Boolean(why)} title={why} onClick={() => end.mutate(m.id)}>Remove</Button>, text: () => "" },
  ];
  return (
    <>
      <PageHead title="Maintenance" sub="Alerts of these items are kept, but bother nobody" actions={<Button disabled={Boolean(why)} title={why} onClick={() => setPlanning(true)}>Plan maintenance</Button>} />
      <ListView<Maintenance> kind="maintenance" path={maintenancePath} label="Maintenance windows" columns={columns} rowKey={(m) => m.id} defaultSort="-start"
        empty={<Empty title="No maintenance is planned" action={<Button disabled={Boolean(why)} title={why} onClick={() => setPlanning(true)}>Plan maintenance</Button>}>During a window alerts of its items are recorded but suppressed.</Empty>} />
      {planning && <PlanMaintenance onClose={() => setPlanning(false)} />}
    </>
  );
}
