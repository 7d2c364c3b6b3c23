import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useParams } from "@tanstack/react-router";
import { useState } from "react";
import { ruleQuery, ruleSeriesQuery, setRule } from "@/api/monitor";
import { ledgerAbout } from "@/api/platform";
import type { MetricRule, RuleSeries } from "@/api/types";
import { useActions } from "@/app/actions";
import { useCan } from "@/app/session";
import { MetricChart } from "@/components/chart/MetricChart";
import { DocumentEditor } from "@/components/DocumentEditor";
import { ItemLink, TeamName } from "@/components/Names";
import { Show } from "@/components/Query";
import type { Column } from "@/components/table/column";
import { DataTable } from "@/components/table/DataTable";
import { Timeline } from "@/components/Timeline";
import { useDo } from "@/components/toast";
import { count } from "@/format/number";
import { SeverityBadge, StateBadge } from "@/ui/Badges";
import { Empty } from "@/ui/Empty";
import { Mark } from "@/ui/Mark";
import { Columns, Facts, PageHead, Panel } from "@/ui/Panel";
import { TimeAgo } from "@/ui/TimeAgo";
import { RuleForm } from "./RuleForm";
import { ruleSentence, ruleState } from "./state";

export default function RulePage() {
  const { id } = useParams({ from: "/inside/metric-rules/$id" });
  const query = useQuery(ruleQuery(id));
  return <Show query={query} missing="There is no such metric rule">{(r) => <View rule={r} />}</Show>;
}

/** What tells the series from others of the rule; its item has a column of its own. */
const labels = (s: RuleSeries) => Object.entries(s.labels).filter(([k]) => !["item", "rule", "alertname", "__name__"].includes(k)).map(([k, v]) => `${k}=${v}`).join(" ");

const columns: Column<RuleSeries>[] = [
  { id: "state", label: "State", width: "7rem", cell: (s) => <StateBadge state={s.firing ? "firing" : "pending"} />, text: (s) => (s.firing ? "firing" : "pending") },
  { id: "title", label: "Series", width: "minmax(9rem, 2fr)", cell: (s) => <span title={labels(s)}>{s.title} <span className="dim">{labels(s)}</span></span>, text: (s) => `${s.title} ${labels(s)}` },
  { id: "item", label: "Item", width: "minmax(6rem, 1fr)", cell: (s) => <ItemLink id={s.item} />, text: (s) => s.item },
  { id: "value", label: "Value", width: "5rem", align: "right", cell: (s) => count(s.value), text: (s) => s.value },
  { id: "since", label: "There for", width: "5.5rem", align: "right", cell: (s) => <TimeAgo at={s.since} bare />, text: (s) => s.since },
];

function View({ rule: r }: { rule: MetricRule }) {
  const can = useCan();
  const navigate = useNavigate();
  const [editing, setEditing] = useState<"form" | "text">();
  const series = useQuery(ruleSeriesQuery(r.id));
  const why = r.file ? `It belongs to the rule file ${r.file}: change it there` : can("checks:write") ? undefined : "Your role may not change metric rules";
  const flip = useDo({ run: () => setRule(r, { ...r.spec, disabled: !r.spec.disabled }), done: r.spec.disabled ? "It is switched on" : "It is switched off; what it had open is cleared", touches: ["metric-rule", "alert", "document"] });
  useActions([
    { id: "rule-edit", label: `Edit ${r.name}`, group: "Actions", keys: "e", disabled: why, run: () => setEditing("form") },
    { id: "rule-flip", label: r.spec.disabled ? `Switch ${r.name} on` : `Switch ${r.name} off`, group: "Actions", disabled: why, run: () => flip.mutate(undefined) },
  ]);
  return (
    <>
      <PageHead title={r.name} state={<StateBadge state={ruleState(r)} soft />} sub={<>{r.spec.description && <span>{r.spec.description}</span>}<span>evaluated <TimeAgo at={r.evaluated} /></span></>}
        actions={<><Button variant="default" disabled={Boolean(why)} title={why} loading={flip.isPending} onClick={() => flip.mutate(undefined)}>{r.spec.disabled ? "Switch on" : "Switch off"}</Button>
          <Button variant="default" onClick={() => setEditing("text")}>YAML</Button><Button disabled={Boolean(why)} title={why} onClick={() => setEditing("form")}>Edit</Button></>} />
      <Columns
        main={<>
          <Panel title="Why this state"><p>{ruleSentence(r)}</p>{r.lastError && <p className="row" role="status"><Mark level="major" /><span>{r.lastError}</span></p>}</Panel>
          <Panel title="Series now" count={series.data?.length} flush>
            <Show query={series} lines={3}>{(list) => list.length ? <div tabIndex={0} role="region" aria-label="Series now" style={{ overflowX: "auto" }}><div style={{ minWidth: "34rem" }}><DataTable label="Series that the rule sees" columns={columns} rows={list} rowKey={(s) => s.key} fit /></div></div> : <Empty title={r.spec.disabled ? "It is switched off" : "It sees no series"} good={!r.spec.disabled} />}</Show>
          </Panel>
          <Panel title="What the expression gave"><MetricChart title={r.spec.expr} query={r.spec.expr} height={190} /></Panel>
        </>}
        side={<>
          <Panel title="About">
            <Facts wide rows={[
              [r.spec.record ? "Records" : "Fires when", <code className="mono">{r.spec.expr}</code>], ["For", r.spec.for ? `at least ${r.spec.for}` : "at once"], Boolean(r.spec.keepFiringFor) && ["And stays", r.spec.keepFiringFor],
              ["Evaluated", `every ${r.spec.interval ?? "1m"}`], Boolean(r.severity) && ["Severity", <SeverityBadge severity={r.severity!} />], ["Title", r.spec.title], Boolean(r.spec.details) && ["Details", r.spec.details],
              ["Team", <TeamName id={r.spec.team} none="common" />], ["Changed", <TimeAgo at={r.updatedAt} />],
            ]} />
          </Panel>
          <Changes id={r.id} />
        </>}
      />
      {editing === "form" && <RuleForm rule={r} onClose={() => setEditing(undefined)} />}
      <DocumentEditor what={editing === "text" ? (r.file ? { kind: "RuleFile", name: r.file } : { kind: "MetricRule", name: r.name }) : undefined} why={can("checks:write") ? undefined : "Your role may not change metric rules"} onClose={() => setEditing(undefined)} onGone={() => void navigate({ to: "/metric-rules" })} />
    </>
  );
}

function Changes({ id }: { id: string }) {
  const query = useQuery(ledgerAbout({ subject: `metric-rule/${id}` }));
  return <Panel title="Changes" flush><Show query={query} lines={2}>{(p) => p.items.length ? <Timeline entries={p.items} own={id} /> : <Empty title="None yet" />}</Show></Panel>;
}
