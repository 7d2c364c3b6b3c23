import { Button, NativeSelect } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { reportFile, reportQuery, reportsQuery } from "@/api/foresight";
import type { CapacityReport } from "@/api/types";
import { useUrl } from "@/app/url";
import { ItemLink } from "@/components/Names";
import { Show } from "@/components/Query";
import { withUnit } from "@/format/number";
import { StateBadge } from "@/ui/Badges";
import { Empty } from "@/ui/Empty";
import { PageHead, Panel } from "@/ui/Panel";
import { TimeAgo } from "@/ui/TimeAgo";
import classes from "./WhatIf.module.css";
import { nearness, onDay } from "./words";

/** The weekly report, and the one of now. */
export default function Report() {
  const [search, setUrl] = useUrl();
  const week = search.show ?? "now";
  const list = useQuery(reportsQuery);
  const query = useQuery(reportQuery(week));
  const files = query.data && !query.data.lines ? (["md"] as const) : (["pdf", "xlsx", "md"] as const);
  return (
    <>
      <PageHead title="Capacity report" sub="What may be full within 90 days; a report is kept every Monday"
        actions={<>
          <NativeSelect aria-label="Week" value={week} data={[{ value: "now", label: "Now" }, ...(list.data ?? []).map((r) => ({ value: r.week, label: r.week }))]} onChange={(e) => setUrl({ show: e.currentTarget.value === "now" ? undefined : e.currentTarget.value })} />
          {files.map((f) => <Button key={f} component="a" variant="default" href={reportFile(f, week)} download>{{ pdf: "PDF", xlsx: "Excel", md: "Markdown" }[f]}</Button>)}
        </>} />
      <Show query={query} lines={10}>{(r) => (r.lines ? <Lines r={r} lines={r.lines} /> : (
        <Panel title={r.summary} hint={<TimeAgo at={r.at} />}>
          <pre className="mono" tabIndex={0} style={{ overflowX: "auto", margin: 0 }}>{r.markdown}</pre>
        </Panel>
      ))}</Show>
    </>
  );
}

function Lines({ r, lines }: { r: CapacityReport; lines: NonNullable<CapacityReport["lines"]> }) {
  if (!lines.length) return <Empty title="Nothing is full within 90 days">{r.summary}</Empty>;
  const sites = [...new Set(lines.map((l) => l.site ?? ""))];
  return (
    <>
      {sites.map((site, n) => (
        <Panel key={site} title={site || "No site"} hint={n === 0 ? <>{r.summary}, <TimeAgo at={r.at} /></> : undefined}>
          <div className={classes.rest} style={{ margin: 0, maxHeight: "none" }} tabIndex={0} role="region" aria-label={`Capacity of ${site || "no site"}`}>
            <table>
              <thead><tr><th>Item</th><th>What</th><th>State</th><th className={classes.right}>Used</th><th className={classes.right}>A day</th><th className={classes.right}>Earliest</th><th className={classes.right}>Likely</th><th className={classes.right}>Latest</th></tr></thead>
              <tbody>{lines.filter((l) => (l.site ?? "") === site).map((l) => (
                <tr key={l.id}>
                  <td><ItemLink id={l.item} name={l.itemName} /></td>
                  <td><Link className="link" to="/capacity/$id" params={{ id: l.id }}>{l.title}</Link> {l.title !== l.pool && <span className="dim">{l.pool}</span>}</td>
                  <td><StateBadge state={nearness(l, Date.parse(r.at))} soft /></td>
                  <td className={classes.right}>{withUnit(l.share, "ratio")}</td>
                  <td className={classes.right}>{withUnit(l.slope, l.unit as "count")}</td>
                  {[l.earliest, l.likely, l.latest].map((at, i) => <td key={i} className={classes.right}>{onDay(at) ?? <span className="dim">–</span>}</td>)}
                </tr>
              ))}</tbody>
            </table>
          </div>
        </Panel>
      ))}
      {r.more ? <p className="dim">{r.more} more are not shown.</p> : null}
    </>
  );
}
