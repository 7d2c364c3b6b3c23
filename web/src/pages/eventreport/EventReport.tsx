import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { eventReportFile, eventReportQuery } from "@/api/correlation";
import type { EventReport, Noise, ReportedGroup } from "@/api/types";
import { useCan } from "@/app/session";
import { useUrl } from "@/app/url";
import { DocumentEditor, type Edited } from "@/components/DocumentEditor";
import { ItemLink } from "@/components/Names";
import { Show } from "@/components/Query";
import { age } from "@/format/time";
import { Tag } from "@/ui/Badges";
import { Empty } from "@/ui/Empty";
import { PageHead, Panel } from "@/ui/Panel";
import { Segments } from "@/ui/Segments";
import { Mails } from "./Mails";
import { change, span, spread } from "./words";
import classes from "./EventReport.module.css";

const lengths = [{ value: "7", label: "7 days" }, { value: "30", label: "30 days" }, { value: "90", label: "90 days" }];

/** What alerts and situations cost, and what would make it less. */
export default function EventReportPage() {
  const [search, setUrl] = useUrl();
  const days = lengths.some((l) => l.value === search.q) ? search.q! : "30";
  const [now] = useState(() => Math.ceil(Date.now() / 60_000) * 60_000);
  const from = new Date(now - Number(days) * 86_400_000).toISOString(), to = new Date(now).toISOString();
  const query = useQuery(eventReportQuery(from, to));
  return (
    <div className="stack">
      <PageHead title="Event reports" sub="How long people take, and which alerts are noise" actions={<>{(["csv", "xlsx", "pdf"] as const).map((s) => <a key={s} className="link" href={eventReportFile(s, from, to)} download>{s.toUpperCase()}</a>)}</>} />
      <div><Segments aria-label="Time" data={lengths} value={days} onChange={(v) => setUrl({ q: v === "30" ? undefined : v })} /></div>
      <Show query={query} lines={10}>{(r) => <Figures report={r} />}</Show>
      <Mails />
    </div>
  );
}

function Figures({ report: r }: { report: EventReport }) {
  const b = r.before;
  const rows: [string, string, string | undefined, string][] = [
    ["Alerts", r.alerts.alerts.toLocaleString("en"), change(r.alerts.alerts, b?.alerts.alerts), "that began in this time"],
    ["Acted on", r.alerts.acted.toLocaleString("en"), change(r.alerts.acted, b?.alerts.acted), "by a person: acknowledged, assigned, or their situation was"],
    ["Over at once", r.alerts.short.toLocaleString("en"), change(r.alerts.short, b?.alerts.short), "within 5 minutes, with nobody having acted"],
    ["Situations", r.times.situations.toLocaleString("en"), change(r.times.situations, b?.times.situations), ""],
    ["To acknowledge", span(r.times.acknowledge, "p50"), change(r.times.acknowledge.p50, b?.times.acknowledge.p50), spread(r.times.acknowledge)],
    ["To the root cause", span(r.times.rootCause, "p50"), change(r.times.rootCause.p50, b?.times.rootCause.p50), spread(r.times.rootCause)],
    ["To the end", span(r.times.resolve, "p50"), change(r.times.resolve.p50, b?.times.resolve.p50), spread(r.times.resolve)],
  ];
  return (
    <>
      <Panel title="In all" hint="Times are medians; in brackets against the same length of time before" flush>
        <div className={classes.tiles}>{rows.map(([what, value, against, more]) => <div key={what}><div className="dim">{what}</div><div className={classes.big}>{value} <span className="dim">{against && `(${against})`}</span></div><div className="dim">{more}</div></div>)}</div>
      </Panel>
      <NoiseTable list={r.noise} rule={r.noiseRule} />
      <Weeks list={r.weeks} />
      <Groups title="By team" list={r.teams} none="no team" />
      <Groups title="By service" list={r.services} />
      <Groups title="By severity" list={r.severities} />
    </>
  );
}

function NoiseTable({ list, rule }: { list: Noise[]; rule: string }) {
  const can = useCan();
  const [editing, setEditing] = useState<Edited>();
  const why = can("alerts:write") ? undefined : "Your role may not change what is held back";
  return (
    <Panel title="Noise" count={list.length} hint="Alerts that nobody needs, with what would make them quieter" flush>
      <p className={classes.rule}>{rule}</p>
      {list.length === 0 ? <Empty good title="No noise in this time" /> : <div className={classes.scroll} tabIndex={0}><table className={classes.table}>
        <thead><tr><th>Alert</th><th data-n>Alerts</th><th data-n>Opened</th><th data-n>Acted on</th><th data-n>Over by itself</th><th data-n>Unneeded</th><th data-n>Median</th><th>Problem</th><th>What would help</th></tr></thead>
        <tbody>{list.map((n) => (
          <tr key={n.key}>
            <td><div>{n.title}</div><div className="dim">{n.item ? <ItemLink id={n.item} name={n.itemName} className="" /> : n.source}</div></td>
            <td data-n>{n.alerts.toLocaleString("en")}</td><td data-n>{n.episodes.toLocaleString("en")}</td><td data-n>{n.acted}</td><td data-n>{n.alone.toLocaleString("en")}</td><td data-n>{n.unneeded.toLocaleString("en")}</td><td data-n>{n.medianSeconds > 0 ? age(n.medianSeconds * 1000) : "–"}</td>
            <td>{n.problem ? <Tag>{n.problem}</Tag> : <span className="dim">–</span>}</td>
            <td>{n.proposals.map((p) => <div key={p.what}>{p.text}{p.document && <div><button type="button" className={classes.open} disabled={Boolean(why)} title={why} onClick={() => setEditing({ kind: "Silence", draft: p.document })}>Open as a document</button></div>}</div>)}</td>
          </tr>
        ))}</tbody>
      </table></div>}
      <DocumentEditor what={editing} why={why} onClose={() => setEditing(undefined)} />
    </Panel>
  );
}

/** Situations by week, and the median to their end: two rows of bars on one axis. */
function Weeks({ list }: { list: ReportedGroup[] }) {
  if (list.length < 2) return null;
  const most = Math.max(1, ...list.map((w) => w.situations)), longest = Math.max(1, ...list.map((w) => w.resolve.p50));
  return (
    <Panel title="By week">
      <div className={classes.weeks} role="img" aria-label={list.map((w) => `Week of ${w.name}: ${w.situations} situations, median ${span(w.resolve, "p50")} to the end`).join("; ")}>
        <span className="dim">Situations</span><div className={classes.bars}>{list.map((w) => <span key={w.name} title={`${w.name}: ${w.situations} situations`} style={{ height: `${(w.situations / most) * 100}%` }} />)}</div>
        <span className="dim">To the end</span><div className={classes.bars}>{list.map((w) => <span key={w.name} title={`${w.name}: median ${span(w.resolve, "p50")}`} style={{ height: `${(w.resolve.p50 / longest) * 100}%` }} />)}</div>
        <span /><div className={classes.names}><span>{list[0]!.name}</span><span>{list.at(-1)!.name}</span></div>
      </div>
    </Panel>
  );
}

function Groups({ title, list, none = "–" }: { title: string; list: ReportedGroup[]; none?: string }) {
  if (list.length === 0) return null;
  return (
    <Panel title={title} count={list.length} flush>
      <div className={classes.scroll} tabIndex={0}><table className={classes.table}>
        <thead><tr><th>Name</th><th data-n>Situations</th><th data-n>Acknowledged</th><th data-n>p90</th><th data-n>Root cause</th><th data-n>p90</th><th data-n>To the end</th><th data-n>p90</th></tr></thead>
        <tbody>{list.map((g) => <tr key={g.name}><td>{g.name || <span className="dim">{none}</span>}</td><td data-n>{g.situations}</td><td data-n>{span(g.acknowledge, "p50")}</td><td data-n>{span(g.acknowledge, "p90")}</td><td data-n>{span(g.rootCause, "p50")}</td><td data-n>{span(g.rootCause, "p90")}</td><td data-n>{span(g.resolve, "p50")}</td><td data-n>{span(g.resolve, "p90")}</td></tr>)}</tbody>
      </table></div>
    </Panel>
  );
}
