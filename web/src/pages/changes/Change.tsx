import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { changeQuery } from "@/api/changes";
import { windowOfChange } from "@/api/monitor";
import { ledgerAbout } from "@/api/platform";
import type { Change } from "@/api/types";
import { useCan } from "@/app/session";
import { ItemLink, TeamName } from "@/components/Names";
import { Show } from "@/components/Query";
import { RefLink } from "@/components/RefLink";
import { Timeline } from "@/components/Timeline";
import { duration } from "@/format/time";
import { StateBadge } from "@/ui/Badges";
import { Empty } from "@/ui/Empty";
import { Columns, Facts, PageHead, Panel } from "@/ui/Panel";
import { wording } from "@/ui/severity";
import { At, TimeAgo } from "@/ui/TimeAgo";
import { Steps } from "./Steps";

export default function ChangePage() {
  const { id } = useParams({ from: "/inside/changes/$id" });
  const query = useQuery(changeQuery(id));
  return <Show query={query} missing="This change is not there">{(c) => <View change={c} />}</Show>;
}

/** When it is planned, in words. */
function Planned({ change: c }: { change: Change }) {
  if (!c.plannedStart || !c.plannedEnd) return <span>not planned yet</span>;
  return <span>planned <At at={c.plannedStart} /> for {duration(Date.parse(c.plannedEnd) - Date.parse(c.plannedStart))}</span>;
}

function View({ change: c }: { change: Change }) {
  const decided = c.decider && (c.decision || c.decidedAt);
  return (
    <>
      <PageHead title={c.title} state={<StateBadge state={c.state} soft />}
        sub={<><span>{c.number}</span><Planned change={c} /><span>{wording(c.risk)} risk</span></>}
        actions={<Steps change={c} />} />
      <Columns
        main={<>
          <Panel title="Why">{c.reason ? <p style={{ whiteSpace: "pre-wrap" }}>{c.reason}</p> : <p className="dim">Nobody has said why yet. It is needed before the change can be approved.</p>}</Panel>
          {decided && <Panel title="Decision"><p><strong>{c.decider?.name}</strong> {c.state === "rejected" ? "rejected" : "approved"} it <TimeAgo at={c.decidedAt!} />{c.decision && <>: {c.decision}</>}</p></Panel>}
          {c.outcome && <Panel title={c.state === "cancelled" ? "Why it was given up" : "Outcome"}><p style={{ whiteSpace: "pre-wrap" }}>{c.outcome}</p></Panel>}
          <History id={c.id} number={c.number} />
        </>}
        side={<>
          <Panel title="Details">
            <Facts rows={[
              ["Planned from", <At at={c.plannedStart} />],
              ["To", <At at={c.plannedEnd} />],
              ["Risk", wording(c.risk)],
              ["Team", <TeamName id={c.team} none="common" />],
              ["Requested by", c.requester?.name],
              c.requestedAt ? ["Requested", <At at={c.requestedAt} />] : false,
              c.startedAt ? ["Begun", <At at={c.startedAt} />] : false,
              c.endedAt ? [c.state === "cancelled" ? "Given up" : "Done", <At at={c.endedAt} />] : false,
              ["Drafted", <At at={c.createdAt} />],
            ]} />
          </Panel>
          <Panel title="Items" count={c.items.length || undefined}>
            {c.items.length ? <div className="stack" style={{ gap: "0.375rem" }}>{c.items.map((id) => <div key={id} className="cut"><ItemLink id={id} /></div>)}</div> : <p className="dim">No items: no maintenance window opens.</p>}
          </Panel>
          <Window change={c} />
        </>}
      />
    </>
  );
}

/** The maintenance window that follows it. */
function Window({ change: c }: { change: Change }) {
  const can = useCan();
  const query = useQuery({ ...windowOfChange(c.id), enabled: can("maintenance:read") });
  if (!can("maintenance:read")) return null;
  return (
    <Panel title="Maintenance">
      <Show query={query} lines={1}>
        {(w) => w ? (
          <div className="row wrap"><StateBadge state={w.active ? "active" : w.nextStart ? "planned" : "over"} /><RefLink kind="maintenance" id={w.id}>{w.name}</RefLink><span className="dim"><At at={w.spec.start} /> to <At at={w.spec.end} /></span></div>
        ) : <p className="dim">{c.items.length ? "A window opens for its items when it is approved." : "It has no items."}</p>}
      </Show>
    </Panel>
  );
}

function History({ id, number }: { id: string; number: string }) {
  const query = useQuery(ledgerAbout({ subject: `change/${id}` }));
  const said = (summary: string) => { const rest = (summary.startsWith(`${number} `) ? summary.slice(number.length + 1) : summary).replace(/^(was|is) /, ""); return rest.charAt(0).toUpperCase() + rest.slice(1); };
  return <Panel title="History" flush><Show query={query}>{(p) => p.items.length ? <Timeline entries={p.items.map((e) => ({ ...e, summary: said(e.summary) }))} own={id} /> : <Empty title="Nothing yet" />}</Show></Panel>;
}
