import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { onCallReportQuery } from "@/api/oncall";
import type { OnCallReport } from "@/api/types";
import { Show } from "@/components/Query";
import { age } from "@/format/time";
import { Empty } from "@/ui/Empty";
import { Facts, Panel } from "@/ui/Panel";
import { Segments } from "@/ui/Segments";
import classes from "./OnCall.module.css";

const seconds = (s: number) => (s > 0 ? age(s * 1000) : "–");

/** What being on call cost. */
export function Report() {
  const [days, setDays] = useState("30");
  const [now] = useState(() => Date.now());
  const query = useQuery({ ...onCallReportQuery(new Date(now - Number(days) * 86_400_000).toISOString(), new Date(now).toISOString()), placeholderData: keepPreviousData });
  return (
    <div className="stack">
      <div><Segments aria-label="Time" data={[{ value: "7", label: "7 days" }, { value: "30", label: "30 days" }, { value: "90", label: "90 days" }]} value={days} onChange={setDays} /></div>
      <Show query={query} lines={6}>{(r) => <Figures report={r} />}</Show>
    </div>
  );
}

function Figures({ report: r }: { report: OnCallReport }) {
  const most = Math.max(1, ...r.hours);
  return (
    <>
      <Panel title="In all"><Facts rows={[
        ["Pages", r.pages], ["Acknowledged", r.acknowledged], ["Nobody answered", r.exhausted], ["Time to acknowledge, mean", seconds(r.mttaSeconds)], ["Median", seconds(r.medianSeconds)], ["Time to the end, mean", seconds(r.mttrSeconds)], ["Messages not delivered", r.failed],
      ]} /></Panel>
      <Panel title="People" count={r.people.length} flush>
        {r.people.length === 0 ? <Empty title="Nobody had duty" /> : <div className={classes.scroll}><table className={classes.table}>
          <thead><tr><th>Person</th><th data-n>Pages</th><th data-n>At night</th><th data-n>Nights</th><th data-n>Messages</th><th data-n>Hours on call</th><th data-n>Pages an hour</th></tr></thead>
          <tbody>{r.people.map((p) => <tr key={p.person}><td>{p.name}</td><td data-n>{p.pages}</td><td data-n>{p.night}</td><td data-n>{p.nights}</td><td data-n>{p.messages}</td><td data-n>{Math.round(p.hours)}</td><td data-n>{p.hours > 0 ? p.pagesPerHour.toFixed(3) : "–"}</td></tr>)}</tbody>
        </table></div>}
      </Panel>
      <Panel title="Pages by hour of the day" hint="UTC"><div className={classes.bars} role="img" aria-label={`Pages by hour: ${r.hours.map((n, h) => `${h}: ${n}`).join(", ")}`}>{r.hours.map((n, h) => <span key={h} style={{ height: `${(n / most) * 100}%` }} title={`${h}:00 UTC: ${n}`} />)}</div></Panel>
    </>
  );
}
