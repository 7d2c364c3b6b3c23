import { useNavigate } from "@tanstack/react-router";
import { runsPath } from "@/api/jobs";
import type { Run } from "@/api/types";
import { Quick } from "@/components/Quick";
import { RefLink } from "@/components/RefLink";
import type { Column, Filter } from "@/components/table/column";
import { ListView } from "@/components/table/ListView";
import { StateBadge, StateMark, Tag } from "@/ui/Badges";
import { Empty } from "@/ui/Empty";
import { PageHead } from "@/ui/Panel";
import { TimeAgo, Took } from "@/ui/TimeAgo";
import { Link } from "@tanstack/react-router";

const columns: Column<Run>[] = [
  { id: "state", label: "State", width: "8rem", sort: "state", narrow: true, compact: { width: "1.125rem", cell: (r) => <StateMark state={r.state} /> }, cell: (r) => <StateBadge state={r.state} />, text: (r) => r.state },
  { id: "runbook", label: "Runbook", width: "minmax(9rem, 1.5fr)", sort: "runbook", narrow: true, cell: (r) => <RefLink kind="run" id={r.id}>{r.title || r.runbook}</RefLink>, text: (r) => r.runbook },
  { id: "actor", label: "Started by", width: "minmax(7rem, 1fr)", cell: (r) => <>{r.actor.name}{r.trigger === "remediation" && <> <Tag>remediation</Tag></>}</>, text: (r) => r.actor.name },
  { id: "reason", label: "Why", width: "minmax(9rem, 2fr)", cell: (r) => <span title={r.why}>{r.why || <span className="dim">–</span>}</span>, text: (r) => r.why },
  { id: "took", label: "Took", width: "6rem", align: "right", cell: (r) => <Took from={r.startedAt} to={r.finishedAt} fine />, text: (r) => r.finishedAt },
  { id: "created", label: "Created", width: "6rem", align: "right", sort: "createdAt", narrow: true, cell: (r) => <TimeAgo at={r.createdAt} />, text: (r) => r.createdAt },
];

const filters: Filter[] = [
  { field: "state", label: "State", kind: "choice", choices: ["queued", "running", "cancelling", "succeeded", "failed", "cancelled"] },
  { field: "runbook", label: "Runbook", kind: "text" },
  { field: "trigger", label: "Started by", kind: "choice", choices: ["person", "remediation", "schedule", "api"] },
  { field: "createdAt", label: "Created", kind: "time" },
];

export default function Runs() {
  const navigate = useNavigate();
  return (
    <>
      <PageHead title="Runs" />
      <ListView<Run> kind="run" path={runsPath} label="Runs" columns={columns} filters={filters} rowKey={(r) => r.id} defaultSort="-createdAt"
        onOpen={(r) => void navigate({ to: "/runs/$id", params: { id: r.id } })}
        quick={<Quick field="state" label="Which runs" options={[{ label: "All", values: [] }, { label: "Running", values: ["queued", "running", "cancelling"] }, { label: "Failed", values: ["failed"] }]} />}
        empty={<Empty title="Nothing has run yet" action={<Link to="/runbooks" className="link">Runbooks</Link>}>People and remediations start runbooks; each execution is kept here with its output.</Empty>} />
    </>
  );
}
