import { Button } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { runbooksPath } from "@/api/jobs";
import type { Runbook } from "@/api/types";
import { useActions } from "@/app/actions";
import { useCan } from "@/app/session";
import { DocumentEditor } from "@/components/DocumentEditor";
import { RefLink } from "@/components/RefLink";
import type { Column } from "@/components/table/column";
import { ListView } from "@/components/table/ListView";
import { template } from "@/pages/documents/templates";
import { Empty } from "@/ui/Empty";
import { PageHead } from "@/ui/Panel";

const columns: Column<Runbook>[] = [
  { id: "name", label: "Runbook", width: "minmax(9rem, 1fr)", sort: "name", narrow: true, cell: (r) => <RefLink kind="runbook" id={r.name}>{r.title || r.name}</RefLink>, text: (r) => r.name },
  { id: "description", label: "What it does", width: "minmax(10rem, 2.5fr)", narrow: true, cell: (r) => <span className="dim">{r.spec.description}</span>, text: (r) => r.spec.description },
  { id: "parameters", label: "Parameters", width: "minmax(6rem, 1fr)", cell: (r) => r.spec.parameters?.map((p) => p.name).join(", ") || <span className="dim">none</span>, text: (r) => r.spec.parameters?.map((p) => p.name).join(", ") },
  { id: "steps", label: "Steps", width: "4rem", align: "right", cell: (r) => (r.spec.steps ?? []).length, text: (r) => (r.spec.steps ?? []).length },
];

export default function Runbooks() {
  const navigate = useNavigate();
  const can = useCan();
  const [making, setMaking] = useState(false);
  const why = can("jobs:write") ? undefined : "Your role may not write runbooks";
  useActions([{ id: "runbook-new", label: "Write a runbook", group: "Actions", keys: "c", disabled: why, run: () => setMaking(true) }]);
  const make = <Button disabled={Boolean(why)} title={why} onClick={() => setMaking(true)}>Write a runbook</Button>;
  return (
    <>
      <PageHead title="Runbooks" actions={make} />
      <ListView<Runbook> kind="runbook" path={runbooksPath} label="Runbooks" columns={columns} rowKey={(r) => r.name} defaultSort="name"
        onOpen={(r) => void navigate({ to: "/runbooks/$name", params: { name: r.name } })}
        empty={<Empty title="No runbooks yet" action={make}>A runbook is a job of steps that people and remediations start.</Empty>} />
      <DocumentEditor what={making ? { kind: "Runbook", draft: template("Runbook") } : undefined} why={why} onClose={() => setMaking(false)} />
    </>
  );
}
