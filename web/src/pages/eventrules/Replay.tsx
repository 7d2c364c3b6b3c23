import { Button, Progress, Select } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { replayQuery, startReplay, stopReplay } from "@/api/eventrules";
import type { EventRuleDifference, EventRuleExample, EventRulesSpec } from "@/api/types";
import { ProblemView } from "@/components/ProblemView";
import { useDo } from "@/components/toast";
import type { Column } from "@/components/table/column";
import { DataTable } from "@/components/table/DataTable";
import { plural } from "@/format/number";
import { SeverityMark } from "@/ui/Badges";
import { Mark } from "@/ui/Mark";
import { Panel } from "@/ui/Panel";
import { TimeAgo } from "@/ui/TimeAgo";
import classes from "./EventRules.module.css";
import { receiversOf } from "./form";

const ranges = [{ value: "1", label: "Last hour" }, { value: "6", label: "Last 6 hours" }, { value: "24", label: "Last day" }, { value: "168", label: "Last 7 days" }, { value: "720", label: "Last 30 days" }];

/** What would have been different with the rules as they are written here. */
export function Replay({ name, spec, why }: { name: string; spec: EventRulesSpec; why?: string }) {
  const [hours, setHours] = useState("24");
  const [id, setId] = useState("");
  const query = useQuery(replayQuery(id));
  const start = useDo({ run: () => startReplay(name, spec, Number(hours)), failed: "The replay did not begin", touches: [], then: (r) => setId(r.id) });
  const stop = useDo({ run: () => stopReplay(id), failed: "It was not stopped", touches: ["event-rules"] });
  const r = query.data;
  const running = start.isPending || (Boolean(id) && (!r || r.state === "running"));
  return (
    <div className={classes.replay}>
      <div className="row wrap">
        <Select aria-label="Time that is replayed" data={ranges} allowDeselect={false} value={hours} onChange={(v) => setHours(v ?? "24")} style={{ width: "10rem" }} />
        <Button disabled={Boolean(why) || running} title={why} onClick={() => start.mutate(undefined)}>Replay recorded events</Button>
        {running && <><Progress aria-label="How far the replay is" value={100 * (r?.progress ?? 0)} style={{ flex: 1, minWidth: "6rem" }} /><span className="dim" role="status">{plural(r?.events ?? 0, "event")}</span><Button variant="default" disabled={!id} onClick={() => stop.mutate(undefined)}>Stop</Button></>}
      </div>
      {!id && <p className="dim">Recorded events pass the rules as they are in force, and the rules as they are written here, with the events’ own times as the clock. Nothing is changed.</p>}
      {query.error && <ProblemView error={query.error} />}
      {r && r.state !== "running" && r.problem && <p role="alert" className="row"><Mark level="major" /> It ended: {r.problem}</p>}
      {r?.result && <Result d={r.result} cancelled={r.state === "cancelled"} />}
    </div>
  );
}

const figures: [Exclude<keyof EventRuleDifference["active"], "receivers">, string][] = [["alerts", "Alerts raised"], ["open", "Open at the end"], ["notifications", "Opened or made worse"], ["dropped", "Events dropped"], ["held", "Events held back"], ["summarised", "Events in storms"]];

function Result({ d, cancelled }: { d: EventRuleDifference; cancelled: boolean }) {
  const rows: [string, EventRuleDifference["missing"], string | undefined][] = [
    ["Alerts that would not have been raised", d.missing, undefined], ["Alerts that would be new", d.new, undefined], ["Alerts of another severity", d.severity, "Instead"], ["Events that would act on another alert", d.keys, "Other key"],
  ];
  const none = rows.every(([, e]) => !e.total);
  return (
    <>
      <p className="row wrap" role="status"><Mark level={none ? "clear" : "info"} /><span>{plural(d.events, "event")} replayed{d.complete ? "" : cancelled ? ", then it was stopped" : ", then its time was over"}. {none ? "No alert would have been different." : ""}</span></p>
      <div className={classes.results}>
        <Panel title="In figures" flush>
          <table className={classes.figures}>
            <thead><tr><th scope="col">Of the time replayed</th><th scope="col">In force</th><th scope="col">As written</th></tr></thead>
            <tbody>
              {figures.map(([k, label]) => <Row key={k} label={label} active={d.active[k] ?? 0} draft={d.draft[k] ?? 0} />)}
              {d.routed && <Row label="Messages that routing sends" active={d.active.messages} draft={d.draft.messages} />}
              {d.routed && receiversOf(d).map((r) => <Row key={r.receiver} label={`to ${r.receiver}`} active={r.active} draft={r.draft} inner />)}
            </tbody>
          </table>
          {d.unknown?.length > 0 && <div className={classes.note}>{d.routed ? "Routed as it is now. Not known: " : ""}{d.unknown.join(" ")}</div>}
        </Panel>
        {d.rules.length > 0 && (
          <Panel title="Rules that differ" flush>
            <table className={classes.figures}>
              <thead><tr><th scope="col">Rule</th><th scope="col">Matched</th><th scope="col">Dropped</th><th scope="col">Held</th></tr></thead>
              <tbody>{d.rules.map((r) => <tr key={r.rule}><th scope="row" title={r.draftLastError}>{r.draftFailed > 0 && <Mark level="minor" size={12} />} {r.rule}</th><td>{r.activeMatched} → {r.draftMatched}</td><td>{r.activeDropped} → {r.draftDropped}</td><td>{r.activeHeld} → {r.draftHeld}</td></tr>)}</tbody>
            </table>
          </Panel>
        )}
      </div>
      {rows.map(([title, list, instead]) => list.total > 0 && (
        <Panel key={title} title={title} count={list.total} flush>
          <DataTable label={title} fit columns={columnsFor(instead)} rows={list.some} rowKey={(e) => `${e.key} ${e.at} ${e.instead ?? ""}`} total={list.some.length < list.total ? `${list.some.length} of ${list.total}` : undefined} />
        </Panel>
      ))}
    </>
  );
}

function Row({ label, active, draft, inner }: { label: string; active: number; draft: number; inner?: boolean }) {
  return <tr data-differs={active !== draft || undefined}><th scope="row" style={inner ? { paddingLeft: "1.75rem" } : undefined}>{label}</th><td>{active.toLocaleString("en")}</td><td>{draft.toLocaleString("en")}</td></tr>;
}

const columnsFor = (instead: string | undefined): Column<EventRuleExample>[] => [
  { id: "severity", label: "", width: "2rem", narrow: true, cell: (e) => <SeverityMark severity={e.severity} />, text: (e) => e.severity },
  { id: "at", label: "At", width: "5.5rem", narrow: true, cell: (e) => <TimeAgo at={e.at} />, text: (e) => e.at },
  { id: "title", label: "Title", width: "minmax(8rem, 2fr)", narrow: true, cell: (e) => <span title={e.title}>{e.title}</span>, text: (e) => e.title },
  { id: "key", label: "Key", width: "minmax(6rem, 1.2fr)", cell: (e) => <span className="mono dim" title={e.key}>{e.key}</span>, text: (e) => e.key },
  ...(instead ? [{ id: "instead", label: instead, width: "minmax(5rem, 1fr)", narrow: true, cell: (e: EventRuleExample) => e.instead, text: (e: EventRuleExample) => e.instead }] : []),
  { id: "rules", label: "By", width: "minmax(6rem, 1fr)", cell: (e) => <span className="dim">{e.rules?.join(", ")}</span>, text: (e) => e.rules?.join(", ") },
];
