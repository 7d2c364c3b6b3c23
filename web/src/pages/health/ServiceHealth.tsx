import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { serviceHealthQuery, servicePastQuery } from "@/api/health";
import { page } from "@/api/lists";
import { alertsPath, situationsPath } from "@/api/events";
import type { Alert, ServiceHealth, Situation } from "@/api/types";
import { useCan } from "@/app/session";
import { useUrl } from "@/app/url";
import { RefLink } from "@/components/RefLink";
import { TeamName } from "@/components/Names";
import { Show } from "@/components/Query";
import { written } from "@/format/time";
import { PriorityBadge, SeverityMark, StateBadge, StateMark, Tag } from "@/ui/Badges";
import { Empty } from "@/ui/Empty";
import { Columns, Facts, PageHead, Panel } from "@/ui/Panel";
import { Segments } from "@/ui/Segments";
import { TimeAgo, Took } from "@/ui/TimeAgo";
import classes from "./Health.module.css";
import { Picture } from "./Picture";
import { Strip } from "./Strip";
import { Tree } from "./Tree";
import { minutes, percent, ranges, stateWords } from "./words";

export default function ServiceHealthPage() {
  const { id } = useParams({ from: "/inside/service-health/$id" });
  return <Show query={useQuery(serviceHealthQuery(id))} missing="No service or site is called that (any more)">{(v) => <View service={v} />}</Show>;
}

function View({ service: v }: { service: ServiceHealth }) {
  const [search, setUrl] = useUrl();
  const asMap = search.view === "map";
  return (
    <>
      <PageHead title={v.name} state={<StateBadge state={v.state} soft />}
        sub={<>
          <span>{v.classLabel}, {stateWords[v.state]} since <TimeAgo at={v.since} /></span>
          {v.causes.length > 0 && <span>because of {v.causes.map((c, i) => <span key={c.item}>{i > 0 && ", "}<RefLink kind="item" id={c.item}>{c.name}</RefLink></span>)}</span>}
        </>}
        actions={<Link to="/service-health" className="link">All services</Link>} />
      <History service={v} />
      <Columns
        main={
          <Panel title="What it needs" flush actions={<Segments aria-label="Show as" value={asMap ? "map" : "tree"} data={[{ value: "tree", label: "Tree" }, { value: "map", label: "Map" }]} onChange={(x) => setUrl({ view: x === "map" ? x : undefined })} />}>
            {asMap ? <Picture id={v.id} /> : <div className={classes.body}><Tree id={v.id} /></div>}
          </Panel>
        }
        side={<><About service={v} /><Situations service={v} /><Alerts service={v} /></>} />
    </>
  );
}

function History({ service: v }: { service: ServiceHealth }) {
  const [search, setUrl] = useUrl();
  const hours = Number(ranges.find((r) => r.value === search.hops)?.value ?? 24);
  const minute = Math.floor(Date.now() / 60_000);
  const past = useQuery(servicePastQuery([v.id], hours, minute)).data?.items[0];
  const to = (minute + 1) * 60_000, from = to - hours * 3_600_000;
  const f = past?.figures;
  const bad = (past?.intervals ?? []).filter((i) => i.state === "down" || i.state === "degraded").reverse().slice(0, 8);
  return (
    <Panel title="History" actions={<Segments aria-label="Time" value={String(hours)} data={ranges} onChange={(x) => setUrl({ hops: x === "24" ? undefined : x })} />}>
      <Strip past={past} from={from} to={to} tall />
      <div className={classes.ends}><span>{written(from)}</span><span>now</span></div>
      <dl className={classes.figures}>
        <div><dt>Available</dt><dd>{percent(f?.availability)}</dd></div>
        <div><dt>Outages</dt><dd>{f ? f.outages : "–"}</dd></div>
        {(["down", "degraded", "maintenance", "unknown"] as const).map((s) => <div key={s}><dt><StateMark state={s} /> {stateWords[s]}</dt><dd>{f ? minutes(f.minutes[s]) : "–"}</dd></div>)}
      </dl>
      {bad.length > 0 && (
        <ul className={classes.past} aria-label="When it was not well">
          {bad.map((i) => <li key={i.from}><StateBadge state={i.state} /><span className="nowrap">{written(Date.parse(i.from))}</span><span className="dim nowrap">for <Took from={i.from} to={i.to} /></span><span className="cut">{i.causes.map((c) => c.name).join(", ")}</span></li>)}
        </ul>
      )}
    </Panel>
  );
}

function About({ service: v }: { service: ServiceHealth }) {
  const can = useCan();
  return (
    <Panel title="About it">
      <Facts wide rows={[
        v.item ? ["Item", <RefLink kind="item" id={v.item}>{v.name}</RefLink>] : false,
        v.criticality ? ["Criticality", v.criticality] : false,
        v.team ? ["Team", <TeamName id={v.team} />] : false,
        ["Rule", v.rule ? <Link className="link" to="/documents" search={{ q: v.rule }}>{v.rule}</Link> : "the default"],
        v.item && can("availability:read") ? ["Targets", <Link className="link" to="/availability/$id" params={{ id: v.item }}>Availability and what was agreed</Link>] : false,
      ]} />
    </Panel>
  );
}

function Situations({ service: v }: { service: ServiceHealth }) {
  const can = useCan();
  const where = ["state=open", `services~${v.id}`];
  const query = useQuery({ queryKey: ["situation", "of-service", v.id], queryFn: ({ signal }) => page<Situation>(situationsPath, { where, limit: 10, sort: "-severity" }, undefined, signal), enabled: can("situations:read") && v.kind === "service" });
  if (v.kind !== "service" || !can("situations:read")) return null;
  return (
    <Panel title="Situations" count={query.data?.total?.count}>
      <Show query={query} lines={2}>
        {(d) => d.items.length === 0 ? <p className="dim">No open situation reaches it.</p> : <div className="stack" style={{ gap: "0.375rem" }}>{d.items.map((s) => <div key={s.id} className="row"><PriorityBadge priority={s.priority} /><SeverityMark severity={s.severity} /><span className="grow cut"><RefLink kind="situation" id={s.id}>{s.title}</RefLink></span></div>)}</div>}
      </Show>
    </Panel>
  );
}

function Alerts({ service: v }: { service: ServiceHealth }) {
  const can = useCan();
  const by = v.kind === "site" ? "site" : "service";
  const value = v.kind === "site" ? v.name : v.id;
  const query = useQuery({ queryKey: ["alert", "of-service", v.id], queryFn: ({ signal }) => page<Alert>(alertsPath, { where: ["active=true"], limit: 8, sort: "-severity", extra: { by, value } }, undefined, signal), enabled: can("alerts:read") });
  if (!can("alerts:read")) return null;
  return (
    <Panel title="Alerts" count={query.data?.total?.count} actions={<Link className="link" to="/alerts" search={{ group: by, focus: value }}>All</Link>}>
      <Show query={query} lines={3}>
        {(d) => d.items.length === 0 ? <Empty good title="No active alert reaches it" /> : <div className="stack" style={{ gap: "0.375rem" }}>{d.items.map((a) => <div key={a.id} className="row"><SeverityMark severity={a.severity} /><span className="grow cut" title={a.title}><RefLink kind="alert" id={a.id}>{a.title}</RefLink></span>{a.state !== "open" && <Tag>{a.state}</Tag>}</div>)}</div>}
      </Show>
    </Panel>
  );
}
