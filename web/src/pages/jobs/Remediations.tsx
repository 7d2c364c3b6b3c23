import { Button, Switch } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { decide, decisionsPath, killSwitchQuery, remediationsPath, setKillSwitch } from "@/api/jobs";
import { page } from "@/api/lists";
import type { Decision, Remediation } from "@/api/types";
import { useActions } from "@/app/actions";
import { useCan } from "@/app/session";
import { ConfirmButton } from "@/components/ConfirmButton";
import { DocumentEditor, type Edited } from "@/components/DocumentEditor";
import { ItemLink } from "@/components/Names";
import { Show } from "@/components/Query";
import { RefLink } from "@/components/RefLink";
import type { Column, Filter } from "@/components/table/column";
import { Quick } from "@/components/Quick";
import { ListView } from "@/components/table/ListView";
import { useDo } from "@/components/toast";
import { template } from "@/pages/documents/templates";
import { StateBadge, Tag } from "@/ui/Badges";
import { Empty } from "@/ui/Empty";
import { PageHead, Panel } from "@/ui/Panel";
import { TimeAgo } from "@/ui/TimeAgo";

const filters: Filter[] = [
  { field: "state", label: "State", kind: "choice", choices: ["proposed", "started", "verifying", "verified", "failed", "blocked", "rejected", "expired"] },
  { field: "remediation", label: "Remediation", kind: "text" },
  { field: "guard", label: "Held back by", kind: "text" },
  { field: "createdAt", label: "Decided", kind: "time" },
];

/** What Mainstay did or would do by itself, why, and the switch that stops it. */
export default function Remediations() {
  const can = useCan();
  const why = can("approvals:act") ? undefined : "Your role may not decide remediations";
  const say = useDo({ run: (a: { d: Decision; yes: boolean }) => decide(a.d.id, a.yes), done: (_r, a) => (a.yes ? "Approved" : "Rejected"), touches: ["remediation", "run"] });
  const columns: Column<Decision>[] = [
    { id: "state", label: "State", width: "7.5rem", sort: "state", narrow: true, cell: (d) => <StateBadge state={d.state} />, text: (d) => d.state },
    { id: "remediation", label: "Remediation", width: "minmax(9rem, 1fr)", sort: "remediation", narrow: true, cell: (d) => d.run ? <RefLink kind="run" id={d.run}>{d.remediation}</RefLink> : d.remediation, text: (d) => d.remediation },
    { id: "why", label: "Why", width: "minmax(10rem, 2.4fr)", cell: (d) => <span title={d.why}>{d.guard && <Tag>{d.guard}</Tag>} {d.why}</span>, text: (d) => d.why },
    { id: "subject", label: "For", width: "6rem", cell: (d) => <RefLink kind={d.kind} id={d.subject}>{d.kind}</RefLink>, text: (d) => d.subject },
    { id: "item", label: "Item", width: "minmax(7rem, 1fr)", cell: (d) => <ItemLink id={d.item} />, text: (d) => d.item },
    { id: "at", label: "Decided", width: "6rem", align: "right", sort: "createdAt", cell: (d) => <TimeAgo at={d.createdAt} />, text: (d) => d.createdAt },
    { id: "act", label: "Action", width: "9.5rem", align: "right", narrow: true, cell: (d) => d.state === "proposed" ? (
      <span className="row" style={{ gap: "0.25rem", justifyContent: "end" }}>
        <Button size="compact-xs" disabled={Boolean(why)} title={why} onClick={() => say.mutate({ d, yes: true })}>Approve</Button>
        <Button size="compact-xs" variant="default" disabled={Boolean(why)} title={why} onClick={() => say.mutate({ d, yes: false })}>Reject</Button>
      </span>) : null, text: () => "" },
  ];
  return (
    <>
      <PageHead title="Remediations" sub="What Mainstay does by itself, and why" actions={<KillSwitch />} />
      <Rules />
      <ListView<Decision> kind="remediation" path={decisionsPath} label="Decisions" columns={columns} filters={filters} rowKey={(d) => d.id} defaultSort="-createdAt"
        quick={<Quick field="state" label="Which decisions" options={[{ label: "All", values: [] }, { label: "Proposed", values: ["proposed"] }, { label: "Blocked", values: ["blocked"] }]} />}
        empty={<Empty title="Nothing was decided yet">When an alert or situation meets a remediation's condition, the decision and its reason appear here.</Empty>} />
    </>
  );
}

const runs = (n: number) => (n === 1 ? "1 run" : `${n} runs`);

function KillSwitch() {
  const can = useCan();
  const query = useQuery(killSwitchQuery);
  const flip = useDo({ run: setKillSwitch, done: (k) => (k.cancelled ? `${runs(k.cancelled)} cancelled` : k.on ? "No remediation starts any more" : "Remediations may start again"), touches: ["remediation", "run"] });
  const why = can("jobs:act") ? undefined : "Your role may not stop remediations";
  const on = query.data?.on ?? false;
  useActions([{ id: "kill-switch", label: on ? "Let remediations start again" : "Stop all remediations", group: "Actions", disabled: why, run: () => flip.mutate({ on: !on }) }]);
  const running = query.data?.running ?? 0;
  return (
    <>
      {on && running > 0 && <ConfirmButton why={why} loading={flip.isPending} question="What they have done so far stays done; their next steps are not taken." yes="Cancel them" onYes={() => flip.mutate({ on: true, cancelRunning: true })}>Cancel {runs(running)} under way</ConfirmButton>}
      <Switch label={on ? `Stopped${query.data?.by ? ` by ${query.data.by}` : ""}` : "Stop all remediations"} checked={on} disabled={Boolean(why) || !query.data} title={why} onChange={(e) => flip.mutate({ on: e.currentTarget.checked })} />
    </>
  );
}

function Rules() {
  const can = useCan();
  const [editing, setEditing] = useState<Edited>();
  const why = can("jobs:write") ? undefined : "Your role may not write remediations";
  const query = useQuery({ queryKey: ["remediation", "rules"], queryFn: ({ signal }) => page<Remediation>(remediationsPath, { sort: "name", limit: 100 }, undefined, signal) });
  return (
    <Panel title="Rules" count={query.data?.items.length} actions={<Button size="compact-xs" variant="default" disabled={Boolean(why)} title={why} onClick={() => setEditing({ kind: "Remediation", draft: template("Remediation") })}>Add a rule</Button>}>
      <Show query={query} lines={1}>
        {(p) => p.items.length ? (
          <div className="stack" style={{ gap: "0.375rem" }}>
            {p.items.map((r) => (
              <div key={r.name} className="row wrap"><StateBadge state={r.enabled ? "enabled" : "disabled"} /><strong>{r.spec.title || r.name}</strong><code className="mono dim">{r.spec.condition}</code><span>→ <RefLink kind="runbook" id={r.runbook}>{r.runbook}</RefLink></span><Tag>{r.spec.mode || "approval"}</Tag><span style={{ marginLeft: "auto" }}><Button size="compact-xs" variant="default" aria-label={`Edit ${r.name}`} onClick={() => setEditing({ kind: "Remediation", name: r.name })}>Edit</Button></span></div>
            ))}
          </div>
        ) : <p className="dim">None: nothing is started without a person.</p>}
      </Show>
      <DocumentEditor what={editing} why={why} onClose={() => setEditing(undefined)} />
    </Panel>
  );
}
