import { useNavigate } from "@tanstack/react-router";
import { checksPath } from "@/api/monitor";
import type { Check } from "@/api/types";
import { Quick } from "@/components/Quick";
import { RefLink } from "@/components/RefLink";
import type { Column, Filter } from "@/components/table/column";
import { ListView } from "@/components/table/ListView";
import { seconds } from "@/format/number";
import { StateBadge, Tag } from "@/ui/Badges";
import { Empty } from "@/ui/Empty";
import { PageHead } from "@/ui/Panel";
import { TimeAgo } from "@/ui/TimeAgo";

const columns: Column<Check>[] = [
  { id: "state", label: "State", width: "8rem", sort: "state", narrow: true, cell: (c) => <span className="row" style={{ gap: "0.375rem" }}><StateBadge state={c.state} />{c.stateType === "soft" && <Tag>soft</Tag>}</span>, text: (c) => c.state },
  { id: "name", label: "Check", width: "minmax(9rem, 1.5fr)", sort: "name", narrow: true, cell: (c) => <RefLink kind="check" id={c.id}>{c.name}</RefLink>, text: (c) => c.name },
  { id: "item", label: "Item", width: "minmax(7rem, 1fr)", cell: (c) => c.item ? <RefLink kind="item" id={c.item}>{c.itemName}</RefLink> : <span className="dim">–</span>, text: (c) => c.itemName },
  { id: "kind", label: "Kind", width: "5rem", sort: "kind", cell: (c) => <span className="dim">{c.kind}</span>, text: (c) => c.kind },
  { id: "message", label: "Says", width: "minmax(8rem, 2fr)", cell: (c) => <span className="dim" title={c.message}>{c.message}</span>, text: (c) => c.message },
  { id: "latency", label: "Latency", width: "5rem", align: "right", cell: (c) => c.latency === undefined ? "–" : seconds(c.latency), text: (c) => c.latency },
  { id: "last", label: "Last run", width: "5.5rem", align: "right", sort: "last", narrow: true, cell: (c) => <TimeAgo at={c.lastAt} />, text: (c) => c.lastAt },
  { id: "changed", label: "In this state", width: "6rem", align: "right", sort: "changed", cell: (c) => <TimeAgo at={c.changedAt} bare />, text: (c) => c.changedAt },
];

const filters: Filter[] = [
  { field: "state", label: "State", kind: "choice", choices: ["ok", "warning", "critical", "unknown", "pending"] },
  { field: "kind", label: "Kind", kind: "choice", choices: ["icmp", "tcp", "http", "dns", "process", "service", "command"] },
  { field: "item", label: "Item", kind: "text" },
];

export default function Checks() {
  const navigate = useNavigate();
  return (
    <>
      <PageHead title="Checks" />
      <ListView<Check> kind="check" path={checksPath} label="Checks" columns={columns} filters={filters} rowKey={(c) => c.id} defaultSort="name"
        onOpen={(c) => void navigate({ to: "/checks/$id", params: { id: c.id } })}
        quick={<Quick field="state" label="Which checks" options={[{ label: "All", values: [] }, { label: "Failing", values: ["critical", "warning", "unknown"] }, { label: "OK", values: ["ok"] }]} />}
        empty={<Empty title="No checks yet">A check is a YAML document of kind Check: <code>mainstay apply -f check.yaml</code></Empty>} />
    </>
  );
}
