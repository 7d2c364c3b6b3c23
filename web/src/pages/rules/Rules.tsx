import { Button } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { rulesPath } from "@/api/monitor";
import type { MetricRule } from "@/api/types";
import { useActions } from "@/app/actions";
import { useCan } from "@/app/session";
import { TeamName } from "@/components/Names";
import { Quick } from "@/components/Quick";
import { RefLink } from "@/components/RefLink";
import type { Column, Filter } from "@/components/table/column";
import { ListView } from "@/components/table/ListView";
import { SeverityBadge, StateBadge } from "@/ui/Badges";
import { Empty } from "@/ui/Empty";
import { PageHead } from "@/ui/Panel";
import { TimeAgo } from "@/ui/TimeAgo";
import { RuleForm } from "./RuleForm";
import { ruleState } from "./state";

const columns: Column<MetricRule>[] = [
  { id: "state", label: "State", width: "7rem", narrow: true, cell: (r) => <StateBadge state={ruleState(r)} />, text: ruleState },
  { id: "name", label: "Rule", width: "minmax(9rem, 1.2fr)", sort: "name", narrow: true, cell: (r) => <RefLink kind="metric-rule" id={r.id}>{r.name}</RefLink>, text: (r) => r.name },
  { id: "expr", label: "Fires when", width: "minmax(10rem, 2.2fr)", cell: (r) => <code className="mono dim" title={r.spec.expr}>{r.spec.expr}</code>, text: (r) => r.spec.expr },
  { id: "file", label: "Rule file", width: "8rem", hidden: true, cell: (r) => r.file ?? <span className="dim">none</span>, text: (r) => r.file },
  { id: "group", label: "Group", width: "8rem", hidden: true, cell: (r) => r.group ?? "", text: (r) => r.group },
  { id: "for", label: "For", width: "4rem", cell: (r) => r.spec.for ?? <span className="dim">at once</span>, text: (r) => r.spec.for },
  { id: "severity", label: "Severity", width: "6.5rem", cell: (r) => r.severity ? <SeverityBadge severity={r.severity} /> : <span className="dim">–</span>, text: (r) => r.severity },
  { id: "firing", label: "Firing", width: "4.5rem", align: "right", narrow: true, cell: (r) => r.firing || <span className="dim">0</span>, text: (r) => r.firing },
  { id: "pending", label: "Pending", width: "4.5rem", align: "right", cell: (r) => r.pending || <span className="dim">0</span>, text: (r) => r.pending },
  { id: "team", label: "Team", width: "7rem", hidden: true, cell: (r) => <TeamName id={r.spec.team} none="common" />, text: (r) => r.spec.team },
  { id: "evaluated", label: "Evaluated", width: "6rem", align: "right", cell: (r) => <TimeAgo at={r.evaluated} />, text: (r) => r.evaluated },
];
const filters: Filter[] = [{ field: "kind", label: "Kind", kind: "choice", choices: ["alert", "record"] }, { field: "file", label: "Rule file", kind: "text" }, { field: "disabled", label: "Switched off", kind: "choice", choices: ["true", "false"] }, { field: "updatedAt", label: "Changed", kind: "time" }];

/** Alerts from measurements: every series an expression gives is a fault. */
export default function Rules() {
  const can = useCan();
  const navigate = useNavigate();
  const [making, setMaking] = useState(false);
  const why = can("checks:write") ? undefined : "Your role may not make metric rules";
  useActions([{ id: "rule-new", label: "Make a metric rule", group: "Actions", keys: "c", disabled: why, run: () => setMaking(true) }]);
  const make = <Button disabled={Boolean(why)} title={why} onClick={() => setMaking(true)}>Make a rule</Button>;
  return (
    <>
      <PageHead title="Metric rules" sub="Alerts from measurements: each series that an expression gives is a fault" actions={make} />
      <ListView<MetricRule> kind="metric-rule" path={rulesPath} label="Metric rules" columns={columns} filters={filters} rowKey={(r) => r.id} defaultSort="name" onOpen={(r) => void navigate({ to: "/metric-rules/$id", params: { id: r.id } })}
        quick={<Quick field="disabled" label="Which rules" options={[{ label: "All", values: [] }, { label: "On", values: ["false"] }, { label: "Off", values: ["true"] }]} />}
        empty={<Empty title="No metric rules yet" action={make}>A rule watches an expression over measurements, such as how full filesystems are.</Empty>} />
      {making && <RuleForm onClose={() => setMaking(false)} onDone={(r) => void navigate({ to: "/metric-rules/$id", params: { id: r.id } })} />}
    </>
  );
}
