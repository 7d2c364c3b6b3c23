import { Autocomplete, Button, Tabs } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { routeTestQuery, routingQuery } from "@/api/correlation";
import type { RouteNode, Routing, RoutingTest } from "@/api/types";
import { useCan } from "@/app/session";
import { useUrl } from "@/app/url";
import { DocumentEditor, type Edited } from "@/components/DocumentEditor";
import { ProblemView } from "@/components/ProblemView";
import { Show } from "@/components/Query";
import { RefLink } from "@/components/RefLink";
import { plural } from "@/format/number";
import { SeverityBadge, Tag } from "@/ui/Badges";
import { Empty } from "@/ui/Empty";
import { Columns, PageHead, Panel } from "@/ui/Panel";
import { TimeAgo } from "@/ui/TimeAgo";
import { labelsOf, textOfLabels } from "./labels";
import classes from "./Routing.module.css";

const routingDraft = `kind: AlertRouting
name: default
spec:
  route:
    receiver: everybody
    group_by: [alertname]
    routes:
      - matchers: ['severity="critical"']
        receiver: on-call
  receivers:
    - name: everybody
    - name: on-call
      email_configs: [{to: oncall@example.org}]
`;
const inhibitionDraft = `kind: Inhibition
name: site-down
spec:
  source: ['alertname="SiteDown"']
  target: ['severity="warning"']
  equal: [site]
`;
const tabs = [["routes", "Routes"], ["groups", "Groups"], ["inhibition", "Inhibition"]] as const;

/** Who is told of which alerts: the routes, what waits, what holds what back. */
export default function RoutingPage() {
  const can = useCan();
  const [search, setUrl] = useUrl();
  const tab = tabs.find(([v]) => v === search.tab)?.[0] ?? "routes";
  const [editing, setEditing] = useState<Edited>();
  const why = can("alerts:write") ? undefined : "Your role may not change routing";
  const query = useQuery(routingQuery);
  const declared = query.data?.declared;
  const edit = () => setEditing(declared ? { kind: "AlertRouting", name: "default" } : { kind: "AlertRouting", draft: routingDraft });
  return (
    <div className="stack">
      <PageHead title="Alert routing" sub="What an Alertmanager would do: routes, groups, inhibition" actions={tab === "inhibition"
        ? <Button disabled={Boolean(why)} title={why} onClick={() => setEditing({ kind: "Inhibition", draft: inhibitionDraft })}>New inhibition</Button>
        : <Button disabled={Boolean(why)} title={why} onClick={edit}>{declared ? "Edit the routes" : "Write routes"}</Button>} />
      <Tabs value={tab} onChange={(t) => setUrl({ tab: t === "routes" ? undefined : t ?? undefined })} keepMounted={false}>
        <Tabs.List aria-label="What is shown">{tabs.map(([v, label]) => <Tabs.Tab key={v} value={v}>{label}{v === "groups" && query.data?.groupCount ? ` ${query.data.groupCount}` : ""}{v === "inhibition" && query.data?.held.length ? ` ${query.data.held.length}` : ""}</Tabs.Tab>)}</Tabs.List>
      </Tabs>
      <Show query={query} lines={8}>{(r) => tab === "groups" ? <Groups routing={r} /> : tab === "inhibition" ? <Inhibition routing={r} onOpen={(name) => setEditing({ kind: "Inhibition", name })} /> : <Routes routing={r} />}</Show>
      <DocumentEditor what={editing} why={why} onClose={() => setEditing(undefined)} />
    </div>
  );
}

function Routes({ routing: r }: { routing: Routing }) {
  const [search, setUrl] = useUrl();
  const text = search.q ?? "";
  const [asked] = useDebouncedValue(text, 300);
  const labels = labelsOf(asked);
  const test = useQuery({ ...routeTestQuery(labels.labels), enabled: r.declared && Object.keys(labels.labels).length > 0 && !labels.wrong });
  const on = Object.keys(labels.labels).length > 0 && !labels.wrong ? test.data : undefined;
  if (!r.declared || !r.root) return <Empty title="Nothing is routed yet">Without routes no webhook and no mail is sent for alerts. On-call policies page for situations all the same: see <Link to="/on-call" className="link">On call</Link>.</Empty>;
  const path = new Set(on?.destinations.flatMap((d) => d.path));
  const ends = new Set(on?.destinations.map((d) => d.route));
  return (
    <Columns
      main={<Panel title="Routes" flush><ul className={classes.tree} role="tree" aria-label="Routes"><Node node={r.root} path={path} ends={ends} asked={Boolean(on)} /></ul></Panel>}
      side={<Panel title="Where would this alert go?">
        <div className="stack" style={{ gap: "0.5rem" }}>
          <Autocomplete aria-label="Labels of an alert" placeholder='severity="critical", team="db"' value={text} onChange={(q) => setUrl({ q: q || undefined })} data={examples(r)} />
          {labels.wrong && <p className="dim" role="alert">{labels.wrong}</p>}
          {test.error && <ProblemView error={test.error} title="This cannot be asked" />}
          {on ? <Answer test={on} /> : !labels.wrong && <p className="dim">Labels with commas between them, as in the rules.</p>}
        </div>
      </Panel>} />
  );
}

/** Labels of groups that exist, to start from. */
const examples = (r: Routing) => [...new Set(r.groups.map((g) => textOfLabels(g.labels)).filter(Boolean))].slice(0, 20);

function Answer({ test: t }: { test: RoutingTest }) {
  return (
    <div className="stack" style={{ gap: "0.5rem" }} role="status">
      {t.destinations.map((d) => (
        <div key={d.route}>
          <strong>{d.receiver}</strong> <span className="dim">by route {d.route}{d.mute?.length ? `, mute now: ${d.mute.join(", ")}` : ""}</span>
          <div className="dim">{Object.keys(d.group).length ? `in the group ${textOfLabels(d.group)}` : "in one group with all others of the route"}</div>
        </div>
      ))}
      {t.inhibitedBy && <div>Held back now by the inhibition <strong>{t.inhibitedBy}</strong>.</div>}
      {t.silencedBy.length > 0 && <div>Held back now by {plural(t.silencedBy.length, "silence")}. <Link to="/silences" className="link">Silences</Link></div>}
    </div>
  );
}

function Node({ node: n, path, ends, asked }: { node: RouteNode; path: Set<string>; ends: Set<string>; asked: boolean }) {
  const taken = path.has(n.id);
  return (
    <li role="treeitem" aria-expanded={n.routes?.length ? true : undefined} aria-selected={ends.has(n.id)}>
      <div className={classes.node} data-taken={taken || undefined} data-end={ends.has(n.id) || undefined} data-other={(asked && !taken) || undefined}>
        <span className={classes.what}>{n.matchers.length ? n.matchers.map((m) => <Tag key={m}>{m}</Tag>) : <span className="dim">{n.id === "0" ? "every alert" : "everything that comes here"}</span>}{n.continue && <span className="dim">and goes on</span>}</span>
        <span className={classes.to}>{ends.has(n.id) && <span aria-hidden>→ </span>}<strong>{n.receiver}</strong></span>
        <span className="dim">{n.groupBy.length ? `by ${n.groupBy.join(", ")}` : "one group"} · waits {short(n.groupWait)}, then {short(n.groupInterval)}, again {short(n.repeatInterval)}{n.mute?.length ? ` · mute ${n.mute.join(", ")}` : ""}{n.active?.length ? ` · only ${n.active.join(", ")}` : ""}</span>
      </div>
      {n.routes && n.routes.length > 0 && <ul role="group">{n.routes.map((c) => <Node key={c.id} node={c} path={path} ends={ends} asked={asked} />)}</ul>}
    </li>
  );
}

const short = (d: string) => d.replace(/m0s$/, "m").replace(/h0m$/, "h");

function Groups({ routing: r }: { routing: Routing }) {
  if (r.groups.length === 0) return <Empty good title="No group of alerts waits">Alerts that are routed are told in groups; those that exist are shown here with when they are looked at next.</Empty>;
  return (
    <Panel title="Groups" count={r.groupCount} hint={r.groupCount > r.groups.length ? `the first ${r.groups.length}` : undefined} flush>
      <div className={classes.scroll} tabIndex={0}><table className={classes.table}>
        <thead><tr><th>Group</th><th>Receiver</th><th data-n>Firing</th><th data-n>Over</th><th data-n>Next</th></tr></thead>
        <tbody>{r.groups.map((g) => (
          <tr key={g.route + textOfLabels(g.labels)}>
            <td><div>{textOfLabels(g.labels) || <span className="dim">all of the route</span>}</div><div className="dim">{g.titles.join(", ")}</div></td>
            <td>{g.receiver}<div className="dim">route {g.route}</div></td><td data-n>{g.firing}</td><td data-n>{g.resolved || <span className="dim">0</span>}</td>
            <td data-n>{g.telling ? "now" : g.due ? <TimeAgo at={g.due} /> : "–"}</td>
          </tr>
        ))}</tbody>
      </table></div>
    </Panel>
  );
}

function Inhibition({ routing: r, onOpen }: { routing: Routing; onOpen: (name: string) => void }) {
  return (
    <div className="stack">
      <Panel title="Held back now" count={r.held.length} flush>
        {r.held.length === 0 ? <Empty good title="Nothing is held back by another alert" /> : <div className={classes.scroll} tabIndex={0}><table className={classes.table}>
          <thead><tr><th>Alert</th><th>Held back by</th><th>Rule</th></tr></thead>
          <tbody>{r.held.map((h) => <tr key={h.alert}><td><span className="row"><SeverityBadge severity={h.severity} /><RefLink kind="alert" id={h.alert}>{h.title}</RefLink></span></td><td>{h.source ? <RefLink kind="alert" id={h.source}>{h.sourceTitle || "an alert that is gone"}</RefLink> : <span className="dim">{h.sourceTitle}</span>}</td><td>{h.rule}</td></tr>)}</tbody>
        </table></div>}
      </Panel>
      <Panel title="Rules" count={r.inhibitions.length} flush>
        {r.inhibitions.length === 0 ? <Empty title="There is no rule">An inhibition holds alerts back while another one is active that explains them.</Empty> : <div className={classes.scroll} tabIndex={0}><table className={classes.table}>
          <thead><tr><th>Rule</th><th>While this is active</th><th>These are held back</th><th>Same</th><th data-n>Now</th></tr></thead>
          <tbody>{r.inhibitions.map((i, n) => <tr key={n}><td>{i.name ? <button type="button" className={classes.open} onClick={() => onOpen(i.name)}>{i.name}</button> : <span className="dim">of the routes</span>}</td><td>{i.source.map((m) => <Tag key={m}>{m}</Tag>)}</td><td>{i.target.map((m) => <Tag key={m}>{m}</Tag>)}</td><td>{i.equal.join(", ") || <span className="dim">–</span>}</td><td data-n>{i.held}</td></tr>)}</tbody>
        </table></div>}
      </Panel>
    </div>
  );
}
