import { Button } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { changesPath } from "@/api/changes";
import type { Change } from "@/api/types";
import { useActions } from "@/app/actions";
import { useCan } from "@/app/session";
import { ItemLink } from "@/components/Names";
import { Quick } from "@/components/Quick";
import { RefLink } from "@/components/RefLink";
import type { Column, Filter } from "@/components/table/column";
import { ListView } from "@/components/table/ListView";
import { plural } from "@/format/number";
import { StateBadge, StateMark } from "@/ui/Badges";
import { Empty } from "@/ui/Empty";
import { PageHead } from "@/ui/Panel";
import { At, TimeAgo } from "@/ui/TimeAgo";
import { wording } from "@/ui/severity";
import { ChangeForm } from "./ChangeForm";

const columns: Column<Change>[] = [
  { id: "number", label: "Number", width: "6.5rem", sort: "number", cell: (c) => <RefLink kind="change" id={c.id}>{c.number}</RefLink>, text: (c) => c.number },
  { id: "title", label: "Change", width: "minmax(10rem, 3fr)", narrow: true, cell: (c) => <RefLink kind="change" id={c.id}>{c.title}</RefLink>, text: (c) => c.title },
  { id: "state", label: "State", width: "8.5rem", sort: "state", narrow: true, compact: { width: "1.125rem", cell: (c) => <StateMark state={c.state} /> }, cell: (c) => <StateBadge state={c.state} />, text: (c) => c.state },
  { id: "risk", label: "Risk", width: "6rem", sort: "risk", cell: (c) => wording(c.risk), text: (c) => c.risk },
  { id: "items", label: "Items", width: "minmax(6rem, 1fr)", cell: (c) => c.items.length === 1 ? <ItemLink id={c.items[0]} /> : c.items.length ? plural(c.items.length, "item") : <span className="dim">–</span>, text: (c) => c.items.join(" ") },
  { id: "start", label: "Planned from", width: "minmax(6rem, 10rem)", sort: "plannedStart", narrow: true, compact: { width: "5.5rem", cell: (c) => c.plannedStart ? <TimeAgo at={c.plannedStart} /> : <span className="dim">–</span> }, cell: (c) => <At at={c.plannedStart} />, text: (c) => c.plannedStart },
  { id: "end", label: "To", width: "minmax(6rem, 10rem)", sort: "plannedEnd", cell: (c) => <At at={c.plannedEnd} />, text: (c) => c.plannedEnd },
  { id: "requester", label: "Requested by", width: "minmax(6rem, 1fr)", cell: (c) => c.requester?.name || <span className="dim">–</span>, text: (c) => c.requester?.name },
];

const filters: Filter[] = [
  { field: "state", label: "State", kind: "choice", choices: ["draft", "requested", "approved", "rejected", "implementing", "done", "cancelled"] },
  { field: "risk", label: "Risk", kind: "choice", choices: ["high", "moderate", "low"] },
  { field: "plannedStart", label: "Planned from", kind: "time" },
  { field: "createdAt", label: "Drafted", kind: "time" },
];

export default function Changes() {
  const navigate = useNavigate();
  const can = useCan();
  const [creating, setCreating] = useState(false);
  const why = can("changes:write") ? undefined : "Your role may not draft changes";
  useActions([{ id: "change-new", label: "Draft a change", group: "Actions", keys: "c", disabled: why, run: () => setCreating(true) }]);
  const create = <Button disabled={Boolean(why)} title={why} onClick={() => setCreating(true)}>Draft a change</Button>;
  return (
    <>
      <PageHead title="Changes" actions={create} />
      <ListView<Change> kind="change" path={changesPath} label="Changes" columns={columns} filters={filters} rowKey={(c) => c.id} defaultSort="-createdAt"
        onOpen={(c) => void navigate({ to: "/changes/$id", params: { id: c.id } })}
        quick={<Quick field="state" label="Which changes" options={[{ label: "All", values: [] }, { label: "To decide", values: ["requested"] }, { label: "Ahead", values: ["approved", "implementing"] }, { label: "Over", values: ["done", "cancelled", "rejected"] }]} />}
        empty={<Empty title="No changes" action={create}>Say what is meant to be done to which items, and when. An approved change opens a maintenance window for them.</Empty>} />
      {creating && <ChangeForm onClose={() => setCreating(false)} />}
    </>
  );
}
