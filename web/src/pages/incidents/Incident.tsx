import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { lazy, Suspense } from "react";
import { incidentQuery } from "@/api/desk";
import { runsPath } from "@/api/jobs";
import { page } from "@/api/lists";
import { ledgerAbout } from "@/api/platform";
import type { Incident, Run } from "@/api/types";
import { Show } from "@/components/Query";
import { RefLink } from "@/components/RefLink";
import { Timeline } from "@/components/Timeline";
import { PriorityBadge, StateBadge } from "@/ui/Badges";
import { Empty } from "@/ui/Empty";
import { Columns, Facts, PageHead, Panel } from "@/ui/Panel";
import { At, TimeAgo } from "@/ui/TimeAgo";
import { Attachments } from "./Attachments";
import { Clocks } from "./Clocks";
import { Comments } from "./Comments";
import { StateActions } from "./StateActions";

const Markdown = lazy(() => import("@/components/Markdown"));

export default function IncidentPage() {
  const { id } = useParams({ from: "/inside/incidents/$id" });
  const query = useQuery(incidentQuery(id));
  return <Show query={query} missing="This incident is not there">{(i) => <View incident={i} />}</Show>;
}

function View({ incident: i }: { incident: Incident }) {
  return (
    <>
      <PageHead title={i.title} state={<><PriorityBadge priority={i.priority} /><StateBadge state={i.state} soft /></>}
        sub={<><span>INC-{i.number}</span><span>opened <TimeAgo at={i.openedAt} /></span><span>{i.assignee || i.team || "nobody assigned"}</span></>}
        actions={<StateActions incident={i} />} />
      <Columns
        main={<>
          {i.description && <Panel title="What is known"><Suspense><Markdown text={i.description} /></Suspense></Panel>}
          <Comments id={i.id} />
          <History id={i.id} />
        </>}
        side={<>
          <Panel title="Clocks"><Clocks clocks={i.clocks} /></Panel>
          <Panel title="About">
            <Facts wide rows={[
              ["Situation", i.situation && <RefLink kind="situation" id={i.situation}>Open the situation</RefLink>],
              ["Item", i.item && <RefLink kind="item" id={i.item}>{i.itemName}</RefLink>],
              ["Services", i.services?.length ? i.services.map((s, k) => <span key={s.id}>{k > 0 && ", "}<RefLink kind="item" id={s.id}>{s.name}</RefLink></span>) : undefined],
              ["Priority", <>P{i.priority}{i.impact && <span className="dim"> · impact {i.impact}, urgency {i.urgency}</span>}</>],
              ["Team", i.team],
              ["Assigned to", i.assignee],
              ["Opened", <At at={i.openedAt} />],
              i.resolvedAt ? ["Resolved", <At at={i.resolvedAt} />] : false,
              i.closedAt ? ["Closed", <At at={i.closedAt} />] : false,
            ]} />
          </Panel>
          <Runs situation={i.situation} />
          <Attachments id={i.id} />
        </>}
      />
    </>
  );
}

/** Runs started for the incident's situation. */
function Runs({ situation }: { situation: string | undefined }) {
  const query = useQuery({ queryKey: ["run", "of", situation], queryFn: ({ signal }) => page<Run>(runsPath, { where: [`situation=${situation}`], sort: "-created", limit: 10 }, undefined, signal), enabled: Boolean(situation) });
  if (!situation) return null;
  return (
    <Panel title="Runs">
      <Show query={query} lines={1}>
        {(p) => p.items.length ? (
          <div className="stack" style={{ gap: "0.375rem" }}>
            {p.items.map((r) => <div key={r.id} className="row"><StateBadge state={r.status} /><RefLink kind="run" id={r.id}>{r.runbook}</RefLink><span className="dim" style={{ marginLeft: "auto" }}><TimeAgo at={r.createdAt} /></span></div>)}
          </div>
        ) : <p className="dim">No runbook has run for it.</p>}
      </Show>
    </Panel>
  );
}

function History({ id }: { id: string }) {
  const query = useQuery(ledgerAbout({ subject: `incident/${id}` }));
  return <Panel title="Timeline" flush><Show query={query}>{(p) => p.items.length ? <Timeline entries={p.items} own={id} /> : <Empty title="Nothing yet" />}</Show></Panel>;
}
