import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { useState } from "react";
import { incidentsOf } from "@/api/desk";
import { situationQuery } from "@/api/events";
import { runsOf } from "@/api/jobs";
import type { SituationDetail } from "@/api/types";
import { useCan } from "@/app/session";
import { ItemLink } from "@/components/Names";
import { Show } from "@/components/Query";
import { RefLink } from "@/components/RefLink";
import { Timeline } from "@/components/Timeline";
import { plural } from "@/format/number";
import { PriorityBadge, SeverityBadge, StateBadge, Tag } from "@/ui/Badges";
import { Empty } from "@/ui/Empty";
import { Columns, PageHead, Panel } from "@/ui/Panel";
import { TimeAgo, Took } from "@/ui/TimeAgo";
import classes from "./Situation.module.css";
import { AlertAxis } from "./AlertAxis";
import { Cause } from "./Cause";
import { SituationPages } from "@/pages/oncall/SituationPages";
import { Decide } from "./Decide";
import { Priority } from "./Priority";
import { historyLines } from "./words";

export default function SituationPage() {
  const { id } = useParams({ from: "/inside/situations/$id" });
  const query = useQuery(situationQuery(id));
  return <Show query={query} missing="This situation is not there (any more)">{(s) => <View situation={s} />}</Show>;
}

function View({ situation: s }: { situation: SituationDetail }) {
  return (
    <>
      <PageHead title={s.title} state={<><PriorityBadge priority={s.priority} /><SeverityBadge severity={s.severity} soft /><StateBadge state={s.state} soft /></>}
        sub={<>
          <span>Opened <TimeAgo at={s.openedAt} />, {s.closedAt ? "lasted" : "for"} <Took from={s.openedAt} to={s.closedAt} /></span>
          <span>{plural(s.alerts, "alert")}, {s.activeAlerts} active, on {plural(s.items, "item")}</span>
          {s.acknowledged && <span>acknowledged by {s.acknowledged.by} <TimeAgo at={s.acknowledged.at} /></span>}
          {s.mergedInto && <span>lives on in <RefLink kind="situation" id={s.mergedInto}>another situation</RefLink></span>}
        </>}
        actions={<Decide situation={s} />} />
      <Columns
        side={<><Priority situation={s} /><Thread id={s.id} /><SituationPages id={s.id} /><Reach situation={s} /><History situation={s} /></>}
        main={<><Cause situation={s} /><AlertAxis situation={s} /><Whys situation={s} /><Changes situation={s} /></>}
      />
    </>
  );
}

/** The records this situation led to: the next steps of the thread. */
function Thread({ id }: { id: string }) {
  const can = useCan();
  const incidents = useQuery({ ...incidentsOf(id), enabled: can("incidents:read") });
  const runs = useQuery({ ...runsOf("situation", id), enabled: can("jobs:read") });
  return (
    <Panel title="What is being done">
      <div className="stack" style={{ gap: "0.5rem" }}>
        {incidents.data?.items.map((i) => (
          <div key={i.id} className="row"><PriorityBadge priority={i.priority} /><span className="grow cut"><RefLink kind="incident" id={i.id}>{i.number}</RefLink></span><StateBadge state={i.state} /></div>
        ))}
        {incidents.data?.items.length === 0 && <p className="dim">No incident was opened for it.</p>}
        {runs.data?.items.map((r) => (
          <div key={r.id} className="row"><StateBadge state={r.state} /><span className="grow cut"><RefLink kind="run" id={r.id}>{r.title || r.runbook}</RefLink></span><span className="dim"><TimeAgo at={r.createdAt} bare /></span></div>
        ))}
        {runs.data?.items.length === 0 && <p className="dim">No runbook has run for it.</p>}
      </div>
    </Panel>
  );
}

const whysShown = 12;

/** Why each alert belongs to the situation, in the order they came. */
function Whys({ situation: s }: { situation: SituationDetail }) {
  const [all, setAll] = useState(false);
  return (
    <Panel title="Why they belong together" count={s.members.length} actions={<Link className="link" to="/learned">What was learned</Link>}>
      <dl className={classes.whys}>
        {s.members.slice(0, all ? Infinity : whysShown).map((m) => <div key={m.alert.id}><dt className="cut" title={m.alert.title}>{m.alert.title}</dt><dd>{m.why}{m.alert.alsoFrom?.length ? ` Also told by ${m.alert.alsoFrom.map((o) => o.source).join(", ")}.` : ""}{m.alert.sameAs ? " Another source told it already." : ""}</dd></div>)}
      </dl>
      {!all && s.members.length > whysShown && <button type="button" className={classes.more} onClick={() => setAll(true)}>All {plural(s.members.length, "alert")}</button>}
    </Panel>
  );
}

const reachShown = 8;

function Reach({ situation: s }: { situation: SituationDetail }) {
  const [all, setAll] = useState(false);
  const bound = all ? Infinity : reachShown;
  const items = [...new Map(s.members.filter((m) => m.alert.item).map((m) => [m.alert.item!, m.alert])).entries()];
  return (
    <Panel title="What it reaches">
      <div className="stack" style={{ gap: "0.375rem" }}>
        {s.services.length ? s.services.slice(0, bound).map((v) => <div key={v.id} className="row"><Tag>service</Tag><RefLink kind="item" id={v.id}>{v.name}</RefLink></div>) : <p className="dim">No business service depends on it.</p>}
        {items.slice(0, bound).map(([id, a]) => <div key={id} className="row"><span className={classes.severity}><SeverityBadge severity={a.state === "cleared" ? "clear" : a.severity} /></span><span className="grow cut"><ItemLink id={id} name={a.itemName} className="" /></span></div>)}
        {!all && (s.services.length > bound || items.length > bound) && <button type="button" className={classes.more} onClick={() => setAll(true)}>All {plural(s.services.length, "service")} and {plural(items.length, "item")}</button>}
      </div>
    </Panel>
  );
}

function Changes({ situation: s }: { situation: SituationDetail }) {
  // What the repair did is no cause of the fault.
  const before = s.changes.filter((c) => c.at <= s.openedAt);
  return (
    <Panel title="What changed before" hint="On the items of the fault, the latest first" flush>
      {before.length ? <Timeline entries={before.map((c) => ({ id: c.entry, at: c.at, summary: c.summary, actor: { name: c.name, kind: "item" }, subject: { kind: "item", id: c.item } }))} /> : <Empty title="No change on its path was recorded before it" />}
    </Panel>
  );
}

function History({ situation: s }: { situation: SituationDetail }) {
  const lines = historyLines(s);
  return <Panel title="History" flush>{lines.length ? <Timeline entries={lines} own={s.id} /> : <Empty title="No entries yet" />}</Panel>;
}
