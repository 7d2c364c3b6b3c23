import { Button } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { checksPath } from "@/api/monitor";
import type { Target } from "@/api/types";
import { useActions } from "@/app/actions";
import { useCan } from "@/app/session";
import { DocumentEditor } from "@/components/DocumentEditor";
import { ItemLink } from "@/components/Names";
import { Quick } from "@/components/Quick";
import { RefLink } from "@/components/RefLink";
import type { Column, Filter } from "@/components/table/column";
import { ListView } from "@/components/table/ListView";
import { took } from "@/format/time";
import { template } from "@/pages/documents/templates";
import { StateBadge, Tag } from "@/ui/Badges";
import { Empty } from "@/ui/Empty";
import { PageHead } from "@/ui/Panel";
import { TimeAgo } from "@/ui/TimeAgo";
import { kinds } from "./kind";

const columns: Column<Target>[] = [
  { id: "status", label: "State", width: "8.5rem", sort: "status", narrow: true, cell: (c) => <span className="row" style={{ gap: "0.375rem" }}><StateBadge state={c.disabled ? "disabled" : c.status} />{!c.hard && c.status !== "pending" && c.status !== "ok" && <Tag>soft</Tag>}</span>, text: (c) => c.status },
  { id: "name", label: "Check", width: "minmax(9rem, 1.5fr)", sort: "name", narrow: true, cell: (c) => <RefLink kind="check" id={c.check}>{c.name}</RefLink>, text: (c) => c.name },
  { id: "item", label: "Item", width: "minmax(7rem, 1fr)", cell: (c) => <ItemLink id={c.item} />, text: (c) => c.item },
  { id: "kind", label: "Kind", width: "5rem", sort: "kind", cell: (c) => <span className="dim">{c.kind}</span>, text: (c) => c.kind },
  { id: "output", label: "Says", width: "minmax(8rem, 2fr)", cell: (c) => <span className="dim" title={c.output}>{c.output}</span>, text: (c) => c.output },
  { id: "duration", label: "Took", width: "5.5rem", align: "right", sort: "duration", cell: (c) => c.checkedAt ? took(c.duration) : "–", text: (c) => c.duration },
  { id: "checked", label: "Last run", width: "5.5rem", align: "right", sort: "checkedAt", narrow: true, cell: (c) => <TimeAgo at={c.checkedAt} />, text: (c) => c.checkedAt },
  { id: "since", label: "In this state", width: "6rem", align: "right", sort: "since", cell: (c) => <TimeAgo at={c.since} bare />, text: (c) => c.since },
];

const filters: Filter[] = [
  { field: "status", label: "State", kind: "choice", choices: ["ok", "warning", "critical", "unknown", "unreachable", "pending"] },
  { field: "kind", label: "Kind", kind: "choice", choices: [...kinds] },
  { field: "item", label: "Item (id)", kind: "text" },
  { field: "overridden", label: "Overridden", kind: "choice", choices: ["true", "false"] },
  { field: "disabled", label: "Switched off", kind: "choice", choices: ["true", "false"] },
  { field: "hard", label: "Fault counts", kind: "choice", choices: ["true", "false"] },
  { field: "checkedAt", label: "Last run", kind: "time" },
];

export default function Checks() {
  const navigate = useNavigate();
  const can = useCan();
  const [making, setMaking] = useState(false);
  const why = can("checks:write") ? undefined : "Your role may not make checks";
  useActions([{ id: "check-new", label: "Make a check", group: "Actions", keys: "c", disabled: why, run: () => setMaking(true) }]);
  const make = <Button disabled={Boolean(why)} title={why} onClick={() => setMaking(true)}>Make a check</Button>;
  return (
    <>
      <PageHead title="Checks" actions={<><Button variant="default" onClick={() => void navigate({ to: "/check-coverage" })}>Coverage</Button>{make}</>} />
      <ListView<Target> kind="check" path={checksPath} label="Checks" columns={columns} filters={filters} rowKey={(c) => c.id} defaultSort="name"
        onOpen={(c) => void navigate({ to: "/checks/$id", params: { id: c.check } })}
        quick={<Quick field="status" label="Which checks" options={[{ label: "All", values: [] }, { label: "Failing", values: ["critical", "warning", "unknown", "unreachable"] }, { label: "OK", values: ["ok"] }]} />}
        empty={<Empty title="No checks yet" action={make}>A check looks at something on purpose: a port, a page, a name, a process, a program's verdict.</Empty>} />
      <DocumentEditor what={making ? { kind: "Check", draft: template("Check") } : undefined} why={why} onClose={() => setMaking(false)} />
    </>
  );
}
