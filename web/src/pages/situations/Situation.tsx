import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { situationQuery } from "@/api/events";
import { ledgerAbout } from "@/api/platform";
import type { SituationDetail } from "@/api/types";
import { Show } from "@/components/Query";
import { RefLink } from "@/components/RefLink";
import { Timeline } from "@/components/Timeline";
import { plural } from "@/format/number";
import { SeverityBadge, StateBadge, Tag } from "@/ui/Badges";
import { Empty } from "@/ui/Empty";
import { Columns, Facts, PageHead, Panel } from "@/ui/Panel";
import { At, TimeAgo, Took } from "@/ui/TimeAgo";
import { AlertAxis } from "./AlertAxis";
import { Cause } from "./Cause";

export default function SituationPage() {
  const { id } = useParams({ from: "/inside/situations/$id" });
  const query = useQuery(situationQuery(id));
  return <Show query={query} missing="This situation is not there (any more)">{(s) => <View situation={s} />}</Show>;
}

function View({ situation: s }: { situation: SituationDetail }) {
  return (
    <>
      <PageHead title={s.title} state={<><SeverityBadge severity={s.severity} soft /><StateBadge state={s.state} soft /></>}
        sub={<><span>Opened <TimeAgo at={s.openedAt} /></span><span>{s.closedAt ? "lasted" : "for"} <Took from={s.openedAt} to={s.closedAt} /></span><span>{plural(s.alerts.length, "alert")} on {plural(s.items.length, "item")}</span></>} />
      <Columns
        main={<><Cause situation={s} /><AlertAxis situation={s} /><Changes situation={s} /></>}
        side={<><Thread situation={s} /><Reach situation={s} /><History id={s.id} /></>}
      />
    </>
  );
}

/** The records this situation led to. */
function Thread({ situation: s }: { situation: SituationDetail }) {
  return (
    <Panel title="What is being done">
      <div className="stack">
        <Facts wide rows={[
          ["Incident", s.incident ? <RefLink kind="incident" id={s.incident}>Open the incident</RefLink> : <span className="dim">none was opened</span>],
          ["Opened", <At at={s.openedAt} />],
          s.closedAt ? ["Closed", <At at={s.closedAt} />] : false,
        ]} />
        {s.runs?.length ? s.runs.map((r) => (
          <div key={r.id} className="row"><StateBadge state={r.status} /><RefLink kind="run" id={r.id}>{r.runbook}</RefLink><span className="dim" style={{ marginLeft: "auto" }}><TimeAgo at={r.createdAt} /></span></div>
        )) : <p className="dim">No runbook has run for it.</p>}
      </div>
    </Panel>
  );
}

function Reach({ situation: s }: { situation: SituationDetail }) {
  return (
    <Panel title="What it reaches">
      <div className="stack">
        {s.services?.length ? s.services.map((v) => <div key={v.id} className="row"><Tag>service</Tag><RefLink kind="item" id={v.id}>{v.name}</RefLink></div>) : <p className="dim">No business service depends on it.</p>}
        <div className="stack" style={{ gap: "0.25rem" }}>
          {s.items.map((i) => <div key={i.id} className="row"><span className="grow cut"><RefLink kind="item" id={i.id} className="">{i.name}</RefLink></span><Tag>{i.class.replaceAll("_", " ")}</Tag></div>)}
        </div>
      </div>
    </Panel>
  );
}

function Changes({ situation: s }: { situation: SituationDetail }) {
  return (
    <Panel title="What changed before" hint="Entries of the ledger on the path of the fault" flush>
      {s.changes?.length ? <Timeline entries={s.changes} /> : <Empty title="No change on its path was recorded before it" />}
    </Panel>
  );
}

function History({ id }: { id: string }) {
  const query = useQuery(ledgerAbout({ subject: `situation/${id}` }));
  return <Panel title="History" flush><Show query={query}>{(p) => p.items.length ? <Timeline entries={p.items} own={id} /> : <Empty title="No entries yet" />}</Show></Panel>;
}
