import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { incidentQuery, timelineQuery } from "@/api/desk";
import { runsOf } from "@/api/jobs";
import type { Incident } from "@/api/types";
import { Html } from "@/components/Html";
import { ItemLink, Person, TeamName } from "@/components/Names";
import { Show } from "@/components/Query";
import { RefLink } from "@/components/RefLink";
import { lineOfNote, Timeline } from "@/components/Timeline";
import { PriorityBadge, StateBadge } from "@/ui/Badges";
import { Empty } from "@/ui/Empty";
import { Columns, Facts, PageHead, Panel } from "@/ui/Panel";
import { At, TimeAgo } from "@/ui/TimeAgo";
import { Attachments } from "./Attachments";
import { Clocks } from "./Clocks";
import { Comments } from "./Comments";
import { StateActions } from "./StateActions";

export default function IncidentPage() {
  const { id } = useParams({ from: "/inside/incidents/$id" });
  const query = useQuery(incidentQuery(id));
  return <Show query={query} missing="This incident is not there">{(i) => <View incident={i} />}</Show>;
}

function View({ incident: i }: { incident: Incident }) {
  return (
    <>
      <PageHead title={i.title} state={<><PriorityBadge priority={i.priority} /><StateBadge state={i.state} soft /></>}
        sub={<><span>{i.number}</span><span>opened <TimeAgo at={i.openedAt} /></span><span>{i.assignee ? <Person id={i.assignee} /> : <TeamName id={i.team} none="nobody assigned" />}</span>{i.holdReason && <span>on hold: {i.holdReason}</span>}{i.reopened > 0 && <span>reopened {i.reopened} times</span>}</>}
        actions={<StateActions incident={i} />} />
      <Columns
        main={<>
          {i.description && <Panel title="What is known"><Html html={i.descriptionHtml} /></Panel>}
          {i.resolution && <Panel title="Resolution"><Html html={i.resolutionHtml} /></Panel>}
          <Comments id={i.id} />
          <History id={i.id} />
        </>}
        side={<>
          <Panel title="Clocks"><Clocks clocks={i.clocks} /></Panel>
          <Panel title="About">
            <Facts wide rows={[
              ["Situation", i.situation && <RefLink kind="situation" id={i.situation}>Open the situation</RefLink>],
              ["Item", <ItemLink id={i.item} />],
              ["Services", i.services?.length ? i.services.map((s, k) => <span key={s.id}>{k > 0 && ", "}<RefLink kind="item" id={s.id}>{s.name}</RefLink></span>) : undefined],
              ["Priority", <>{i.priority}<span className="dim"> · impact {i.impact}, urgency {i.urgency}</span></>],
              ["Team", <TeamName id={i.team} />],
              ["Assigned to", <Person id={i.assignee} />],
              i.requester ? ["Asked by", <Person id={i.requester} />] : false,
              (i.items ?? []).length > 1 ? ["Affects", `${(i.items ?? []).length} items`] : false,
              ["Opened", <At at={i.openedAt} />],
              i.resolvedAt ? ["Resolved", <At at={i.resolvedAt} />] : false,
              i.closedAt ? ["Closed", <At at={i.closedAt} />] : false,
            ]} />
          </Panel>
          <Runs incident={i} />
          <Attachments id={i.id} />
        </>}
      />
    </>
  );
}

/** Runs started for the incident, by a person or for its situation. */
function Runs({ incident: i }: { incident: Incident }) {
  const own = useQuery(runsOf("incident", i.id));
  const repairs = useQuery({ ...runsOf("situation", i.situation ?? ""), enabled: Boolean(i.situation) });
  const runs = [...new Map([...(own.data?.items ?? []), ...(repairs.data?.items ?? [])].map((r) => [r.id, r])).values()].sort((a, b) => b.createdAt.localeCompare(a.createdAt));
  return (
    <Panel title="Runs">
      <Show query={own} lines={1}>
        {() => runs.length ? (
          <div className="stack" style={{ gap: "0.375rem" }}>
            {runs.map((r) => <div key={r.id} className="row"><StateBadge state={r.state} /><span className="grow cut" title={r.title || r.runbook}><RefLink kind="run" id={r.id}>{r.title || r.runbook}</RefLink></span><span className="dim"><TimeAgo at={r.createdAt} bare /></span></div>)}
          </div>
        ) : <p className="dim">No runbook has run for it.</p>}
      </Show>
    </Panel>
  );
}

function History({ id }: { id: string }) {
  const query = useQuery(timelineQuery(id));
  return <Panel title="Timeline" flush><Show query={query}>{(p) => p.items.length ? <Timeline entries={[...p.items].reverse().map((n) => lineOfNote(n, id))} own={id} /> : <Empty title="Nothing yet" />}</Show></Panel>;
}
