import { Link, useNavigate } from "@tanstack/react-router";
import { situationsPath } from "@/api/events";
import type { Situation } from "@/api/types";
import { Quick } from "@/components/Quick";
import { ItemLink } from "@/components/Names";
import { RefLink } from "@/components/RefLink";
import type { Column, Filter } from "@/components/table/column";
import { ListView } from "@/components/table/ListView";
import { PriorityBadge, SeverityBadge, SeverityMark, StateBadge } from "@/ui/Badges";
import { Empty } from "@/ui/Empty";
import { PageHead } from "@/ui/Panel";
import { TimeAgo, Took } from "@/ui/TimeAgo";

const columns: Column<Situation>[] = [
  { id: "severity", label: "Severity", width: "6rem", sort: "severity", narrow: true, compact: { width: "1.125rem", cell: (s) => <SeverityMark severity={s.severity} /> }, cell: (s) => <SeverityBadge severity={s.severity} />, text: (s) => s.severity },
  { id: "priority", label: "Priority", width: "3.5rem", sort: "priority", cell: (s) => <PriorityBadge priority={s.priority} />, text: (s) => s.priority },
  { id: "title", label: "Situation", width: "minmax(10rem, 3fr)", narrow: true, cell: (s) => <RefLink kind="situation" id={s.id}>{s.title}</RefLink>, text: (s) => s.title },
  { id: "cause", label: "Root cause", width: "minmax(8rem, 1.4fr)", cell: (s) => s.rootItem ? <ItemLink id={s.rootItem} name={s.rootName} /> : <span className="dim">{s.rootName || "not known"}</span>, text: (s) => s.rootName },
  { id: "state", label: "State", width: "7rem", sort: "state", cell: (s) => <StateBadge state={s.state} />, text: (s) => s.state },
  { id: "alerts", label: "Alerts", width: "4rem", align: "right", sort: "alerts", cell: (s) => s.alerts, text: (s) => s.alerts },
  { id: "services", label: "Reaches", width: "minmax(7rem, 1fr)", cell: (s) => s.services.map((v) => v.name).join(", ") || <span className="dim">no service</span>, text: (s) => s.services.map((v) => v.name).join(", ") },
  { id: "opened", label: "Opened", width: "6rem", sort: "openedAt", align: "right", narrow: true, cell: (s) => <TimeAgo at={s.openedAt} />, text: (s) => s.openedAt },
  { id: "took", label: "Lasted", width: "6rem", align: "right", cell: (s) => <Took from={s.openedAt} to={s.closedAt} />, text: (s) => s.closedAt },
];

const filters: Filter[] = [
  { field: "severity", label: "Severity", kind: "severity" },
  { field: "priority", label: "Priority", kind: "choice", choices: ["P1", "P2", "P3", "P4", "P5"] },
  { field: "state", label: "State", kind: "choice", choices: ["open", "closed", "merged"] },
  { field: "openedAt", label: "Opened", kind: "time" },
];

export default function Situations() {
  const navigate = useNavigate();
  return (
    <>
      <PageHead title="Situations" sub="Alerts that share a cause" actions={<Link to="/learned" className="link">What was learned</Link>} />
      <ListView<Situation> kind="situation" path={situationsPath} label="Situations" columns={columns} filters={filters} rowKey={(s) => s.id} defaultSort="-openedAt"
        onOpen={(s) => void navigate({ to: "/situations/$id", params: { id: s.id } })}
        quick={<Quick field="state" label="Which situations" options={[{ label: "All", values: [] }, { label: "Open", values: ["open"] }, { label: "Closed", values: ["closed"] }]} />}
        empty={<Empty good title="No situations">When alerts on connected items start close in time they are gathered here, with the most likely cause on top.</Empty>} />
    </>
  );
}
