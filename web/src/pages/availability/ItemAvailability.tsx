import { Button, Select } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { useState } from "react";
import { reportFile, reportQuery } from "@/api/availability";
import type { AvailabilityReport } from "@/api/types";
import { useCan } from "@/app/session";
import { useUrl } from "@/app/url";
import { DocumentEditor } from "@/components/DocumentEditor";
import { Show } from "@/components/Query";
import { RefLink } from "@/components/RefLink";
import { visible, type Column } from "@/components/table/column";
import { DataTable } from "@/components/table/DataTable";
import { plural } from "@/format/number";
import { StateBadge } from "@/ui/Badges";
import { Empty } from "@/ui/Empty";
import { PageHead, Panel } from "@/ui/Panel";
import { At } from "@/ui/TimeAgo";
import classes from "./Availability.module.css";
import { levelOf, monthName, months, percent, pieces, seconds } from "./figures";

type Outage = AvailabilityReport["outageList"][number];

const columns: Column<Outage>[] = [
  { id: "from", label: "From", width: "minmax(7rem, 11rem)", narrow: true, cell: (o) => <At at={o.from} />, text: (o) => o.from },
  { id: "to", label: "To", width: "minmax(7rem, 11rem)", cell: (o) => (o.to ? <At at={o.to} /> : <StateBadge state="down" />), text: (o) => o.to },
  { id: "counted", label: "Counted", width: "6rem", align: "right", narrow: true, cell: (o) => seconds(o.seconds), text: (o) => o.seconds },
  { id: "cause", label: "Cause", width: "minmax(8rem, 1fr)", cell: (o) => <>{o.causes.map((c, i) => <span key={c.id}>{i > 0 && ", "}<RefLink kind="item" id={c.id}>{c.name}</RefLink></span>)}</>, text: (o) => o.causes.map((c) => c.name).join(", ") },
  { id: "incidents", label: "Incidents", width: "minmax(8rem, 1.5fr)", narrow: true, cell: (o) => <>{o.incidents.map((n, i) => <span key={n.id}>{i > 0 && ", "}<RefLink kind="incident" id={n.id}>{n.number} {n.title}</RefLink></span>)}</>, text: (o) => o.incidents.map((n) => n.number).join(", ") },
];

/** One item's month: figures, days, what happened and why. */
export default function ItemAvailability() {
  const { id } = useParams({ strict: false }) as { id: string };
  const can = useCan();
  const [search, setUrl] = useUrl();
  const [now] = useState(() => Date.now());
  const [editing, setEditing] = useState(false);
  const choices = months(now);
  const month = search.at ?? choices[0]!;
  const query = useQuery(reportQuery(id, month));
  const why = can("availability:write") ? undefined : "Your role may not change availability targets";
  return (
    <Show query={query} lines={8} missing="This item is not there (any more)">
      {(r) => (
        <div className="stack" aria-busy={query.isPlaceholderData}>
          <PageHead title={<>Availability of {r.item.name}</>} state={<StateBadge state={r.state || "unknown"} soft />}
            sub={<><RefLink kind="item" id={r.item.id}>{r.item.class}</RefLink>, {r.calendar ? `hours of the calendar ${r.calendar}` : "all hours"}, days in {r.timeZone}</>}
            actions={<>
              <Select aria-label="Month" allowDeselect={false} data={choices.map((m) => ({ value: m, label: monthName(m) }))} value={month} onChange={(m) => setUrl({ at: m ?? undefined })} style={{ width: "11rem" }} />
              <Button component="a" variant="default" href={reportFile("pdf", month, id)} download>PDF</Button>
              <Button component="a" variant="default" href={reportFile("xlsx", month, id)} download>Excel</Button>
              {r.targetName && <Button variant="default" onClick={() => setEditing(true)}>Target</Button>}
            </>} />
          <Panel title={monthName(month)}><Numbers r={r} /></Panel>
          <Panel title="Days"><Strip r={r} /></Panel>
          <Panel title="Timeline"><Line r={r} now={now} /></Panel>
          <Panel title="Outages" count={r.outages} flush>
            <DataTable label="Outages" fit columns={visible(columns, undefined, false)} rows={r.outageList} rowKey={(o) => o.from} total={r.outageList.length ? plural(r.outageList.length, "outage") : undefined}
              empty={<Empty title="No outage in the agreed hours" />} />
          </Panel>
          <DocumentEditor what={editing && r.targetName ? { kind: "AvailabilityTarget", name: r.targetName } : undefined} why={why} onClose={() => setEditing(false)} />
        </div>
      )}
    </Show>
  );
}

function Numbers({ r }: { r: AvailabilityReport }) {
  const rows: [string, string, string?][] = [
    ["Availability", percent(r.availability), r.target ? `target ${r.target} %${r.met === undefined ? "" : r.met ? ", met" : ", missed"}` : "no target"],
    ["Down", seconds(r.down), plural(r.outages, "outage")],
    ["Error budget left", r.target ? seconds(r.budgetLeft) : "–", r.target ? `of ${seconds(r.budget)}` : undefined],
    ["Longest outage", seconds(r.longest)], ["Mean time to repair", seconds(r.mttr)], ["Mean time between failures", seconds(r.mtbf)],
    ["In maintenance", seconds(r.maintenance)], ["Degraded", seconds(r.degraded)], ["Unknown", seconds(r.unknown), `of ${seconds(r.agreed)} agreed`],
  ];
  return <dl className={classes.figures}>{rows.map(([label, value, more]) => <div key={label} className={classes.figure}><dt>{label}</dt><dd>{value}{more && <small>{more}</small>}</dd></div>)}</dl>;
}

/** One box a day, with the colour of its worst state. */
function Strip({ r }: { r: AvailabilityReport }) {
  return (
    <>
      <ul className={classes.strip}>
        {r.days.map((d) => {
          const says = `${d.date}: ${d.worst || "nothing counts"}${d.availability === undefined ? "" : `, ${percent(d.availability)}`}${d.down ? `, down ${seconds(d.down)}` : ""}`;
          return <li key={d.date} className={classes.day} title={says}><i data-level={levelOf(d.worst)} /><span aria-hidden>{Number(d.date.slice(8))}</span><span className="unseen">{says}</span></li>;
        })}
      </ul>
      <Key />
    </>
  );
}

const Key = () => <div className={classes.key} aria-hidden>{["up", "degraded", "down", "unknown"].map((s) => <span key={s}><i data-level={levelOf(s)} />{s}</span>)}</div>;

function Line({ r, now }: { r: AvailabilityReport; now: number }) {
  const shown = pieces(r.timeline, r.from, r.to, now);
  const work = pieces(r.windows.map((m) => ({ ...m, state: "maintenance" })), r.from, r.to, now);
  return (
    <>
      <div className={classes.bar} role="img" aria-label={shown.map((p) => p.text).join(", ") || "Nothing is known"}>
        {shown.map((p) => <i key={`${p.left}`} data-level={levelOf(p.state)} title={p.text} style={{ left: `${p.left}%`, width: `${p.width}%` }} />)}
        {work.map((p) => <i key={`w${p.left}`} className={classes.work} title={p.text} style={{ left: `${p.left}%`, width: `${p.width}%` }} />)}
      </div>
      <div className={classes.ends}><At at={r.from} /><At at={r.to} /></div>
    </>
  );
}
