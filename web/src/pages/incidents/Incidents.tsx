import { Button } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { incidentsPath } from "@/api/desk";
import type { Incident } from "@/api/types";
import { useActions } from "@/app/actions";
import { useCan } from "@/app/session";
import { Quick } from "@/components/Quick";
import { Person, TeamName } from "@/components/Names";
import { RefLink } from "@/components/RefLink";
import type { Column, Filter } from "@/components/table/column";
import { ListView } from "@/components/table/ListView";
import { PriorityBadge, StateBadge, StateMark } from "@/ui/Badges";
import { Empty } from "@/ui/Empty";
import { PageHead } from "@/ui/Panel";
import { TimeAgo } from "@/ui/TimeAgo";
import { ClockBrief } from "./Clocks";
import { NewIncident } from "./NewIncident";

const columns: Column<Incident>[] = [
  { id: "number", label: "Number", width: "5.5rem", sort: "number", cell: (i) => <RefLink kind="incident" id={i.id}>{i.number}</RefLink>, text: (i) => i.number },
  { id: "priority", label: "Priority", width: "3.75rem", sort: "priority", narrow: true, compact: { width: "1.875rem", cell: (i) => <PriorityBadge priority={i.priority} /> }, cell: (i) => <PriorityBadge priority={i.priority} />, text: (i) => i.priority },
  { id: "title", label: "Incident", width: "minmax(10rem, 3fr)", narrow: true, cell: (i) => <RefLink kind="incident" id={i.id}>{i.title}</RefLink>, text: (i) => i.title },
  { id: "state", label: "State", width: "8rem", sort: "state", narrow: true, compact: { width: "1.125rem", cell: (i) => <StateMark state={i.state} /> }, cell: (i) => <StateBadge state={i.state} />, text: (i) => i.state },
  { id: "services", label: "Services", width: "minmax(6rem, 1fr)", cell: (i) => i.services?.map((s) => s.name).join(", ") || <span className="dim">–</span>, text: (i) => i.services?.map((s) => s.name).join(", ") },
  { id: "assignee", label: "Assigned", width: "minmax(6rem, 1fr)", cell: (i) => i.assignee ? <Person id={i.assignee} /> : <TeamName id={i.team} none="nobody" />, text: (i) => i.assignee || i.team },
  { id: "clock", label: "Due", width: "8rem", cell: (i) => <ClockBrief clocks={i.clocks} />, text: (i) => (i.clocks ?? []).map((c) => `${c.kind} ${c.dueAt ?? ""}`).join("; ") },
  { id: "opened", label: "Opened", width: "6rem", sort: "openedAt", align: "right", cell: (i) => <TimeAgo at={i.openedAt} />, text: (i) => i.openedAt },
];

const filters: Filter[] = [
  { field: "state", label: "State", kind: "choice", choices: ["new", "assigned", "in_progress", "on_hold", "resolved", "closed"] },
  { field: "priority", label: "Priority", kind: "choice", choices: ["P1", "P2", "P3", "P4", "P5"] },
  { field: "team", label: "Team", kind: "text" },
  { field: "assignee", label: "Assigned to", kind: "text" },
  { field: "openedAt", label: "Opened", kind: "time" },
];

export const openStates = ["new", "assigned", "in_progress", "on_hold"];

export default function Incidents() {
  const navigate = useNavigate();
  const can = useCan();
  const [creating, setCreating] = useState(false);
  const why = can("incidents:write") ? undefined : "Your role may not open incidents";
  useActions([{ id: "incident-new", label: "Open an incident", group: "Actions", keys: "c", disabled: why, run: () => setCreating(true) }]);
  const create = <Button disabled={Boolean(why)} title={why} onClick={() => setCreating(true)}>Open an incident</Button>;
  return (
    <>
      <PageHead title="Incidents" actions={create} />
      <ListView<Incident> kind="incident" path={incidentsPath} label="Incidents" columns={columns} filters={filters} rowKey={(i) => i.id} defaultSort="-openedAt"
        onOpen={(i) => void navigate({ to: "/incidents/$id", params: { id: i.id } })}
        quick={<Quick field="state" label="Which incidents" options={[{ label: "All", values: [] }, { label: "Open", values: openStates }, { label: "Resolved", values: ["resolved", "closed"] }]} />}
        empty={<Empty good title="No incidents">A situation opens one by itself; a person can open one as well.</Empty>} />
      <NewIncident opened={creating} onClose={() => setCreating(false)} />
    </>
  );
}
