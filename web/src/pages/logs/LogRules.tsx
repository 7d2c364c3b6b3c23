import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { logRulesQuery } from "@/api/searches";
import type { LogRuleSpec, LogRuleStatus } from "@/api/types";
import { useActions } from "@/app/actions";
import { useCan } from "@/app/session";
import { useUrl } from "@/app/url";
import { DocumentEditor } from "@/components/DocumentEditor";
import { Show } from "@/components/Query";
import type { Column } from "@/components/table/column";
import { DataTable } from "@/components/table/DataTable";
import { useDo } from "@/components/toast";
import { apply } from "@/api/documents";
import { SeverityBadge, StateBadge } from "@/ui/Badges";
import { Empty } from "@/ui/Empty";
import { Mark } from "@/ui/Mark";
import { PageHead, Panel } from "@/ui/Panel";
import { TimeAgo } from "@/ui/TimeAgo";
import { useMediaQuery } from "@mantine/hooks";
import { visible } from "@/components/table/column";
import { ruleState, tidy } from "./logrule";
import { LogRuleForm } from "./LogRuleForm";

/** Log lines that become a metric or an alert: what there is, how it goes, and why it does not. */
export default function LogRules() {
  const can = useCan();
  const [search, setUrl] = useUrl();
  const narrow = useMediaQuery("(max-width: 48rem)", false, { getInitialValueInEffect: false });
  const [edited, setEdited] = useState<{ name?: string; spec: Partial<LogRuleSpec> }>();
  const query = useQuery(logRulesQuery);
  const why = can("checks:write") ? undefined : "Your role may not make log rules";
  const flip = useDo({
    run: async (r: LogRuleStatus) => {
      const { documents } = await apply(JSON.stringify({ kind: "LogRule", name: r.name, spec: tidy({ ...r.spec, disabled: !r.spec.disabled }) }), false);
      if (documents[0]?.action === "failed") throw new Error(documents[0].problem);
    },
    done: (_, r) => (r.spec.disabled ? `${r.name} is switched on` : `${r.name} is switched off; what it had open is cleared`), touches: ["log-rule", "alert", "document"],
  });
  useActions([{ id: "log-rule-new", label: "Make a log rule", group: "Actions", keys: "c", disabled: why, run: () => setEdited({ spec: {} }) }]);
  const make = <Button disabled={Boolean(why)} title={why} onClick={() => setEdited({ spec: {} })}>Make a rule</Button>;
  const columns: Column<LogRuleStatus>[] = [
    { id: "state", label: "State", width: "7rem", narrow: true, cell: (r) => <span title={r.error}><StateBadge state={ruleState(r)} /></span>, text: ruleState },
    { id: "name", label: "Rule", width: "minmax(8rem, 1.2fr)", narrow: true, cell: (r) => <button type="button" className="link" onClick={() => setEdited({ name: r.name, spec: r.spec })}>{r.name}</button>, text: (r) => r.name },
    { id: "query", label: "Lines that match", width: "minmax(10rem, 2fr)", cell: (r) => <Link to="/logs" search={{ q: r.spec.query ?? `pattern:="${r.spec.pattern}"` } as never} className="link"><code className="mono">{r.spec.query ?? `pattern ${r.spec.pattern}`}</code></Link>, text: (r) => r.spec.query ?? r.spec.pattern },
    { id: "alert", label: "Alert when", width: "minmax(13.5rem, 1fr)", cell: (r) => (r.spec.event ? <span className="row"><SeverityBadge severity={r.spec.event.severity as never} /><span>more than {r.spec.event.above} in {r.spec.event.window ?? "5m"}</span></span> : <span className="dim">–</span>), text: (r) => r.spec.event?.above },
    { id: "metric", label: "Metric", width: "minmax(8rem, 1fr)", cell: (r) => (r.spec.metric ? <Link to="/explore" search={{ expr: [`rate(${r.spec.metric.name}{rule=${JSON.stringify(r.name)}}[5m])`] } as never} className="link"><code className="mono">{r.spec.metric.name}</code></Link> : <span className="dim">–</span>), text: (r) => r.spec.metric?.name },
    { id: "open", label: "Alerts", width: "4rem", align: "right", narrow: true, cell: (r) => r.open || <span className="dim">0</span>, text: (r) => r.open },
    { id: "at", label: "Looked at", width: "6rem", align: "right", cell: (r) => (r.at ? <TimeAgo at={r.at} /> : <span className="dim">not yet</span>), text: (r) => r.at },
    { id: "do", label: "Actions", quiet: true, width: "11rem", cell: (r) => <span className="row"><Button size="compact-xs" variant="default" disabled={Boolean(why)} title={why} onClick={() => flip.mutate(r)}>{r.spec.disabled ? "Switch on" : "Switch off"}</Button><Button size="compact-xs" variant="default" onClick={() => setUrl({ show: r.name }, { push: true })}>YAML</Button></span>, text: () => undefined },
  ];
  const broken = (query.data ?? []).filter((r) => r.error && !r.spec.disabled);
  return (
    <>
      <PageHead title="Log rules" sub="Log lines that become a metric or an alert" actions={make} />
      {broken.map((r) => <p key={r.name} className="row" role="alert"><Mark level="major" /><span><strong>{r.name}</strong> cannot be evaluated: {r.error}</span></p>)}
      <Panel flush grow>
        <Show query={query} lines={6}>
          {(list) => list.length ? <DataTable label="Log rules" columns={visible(columns, undefined, Boolean(narrow))} rows={list} rowKey={(r) => r.name} total={`${list.length} ${list.length === 1 ? "rule" : "rules"}`} />
            : <Empty title="No log rules yet" action={make}>A rule counts the lines that match a search or have a pattern: as a metric, or to open an alert while there are many. It can be made of a search, too.</Empty>}
        </Show>
      </Panel>
      {edited && <LogRuleForm name={edited.name} start={edited.spec} onClose={() => setEdited(undefined)} />}
      <DocumentEditor what={search.show ? { kind: "LogRule", name: search.show } : undefined} why={why} onClose={() => setUrl({ show: undefined })} />
    </>
  );
}
