import { Button, Tabs } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { channelsQuery, deliveryQuery, pagesPath, policiesQuery, rotasQuery, testChannel } from "@/api/oncall";
import type { EscalationPolicy, NotificationChannel, OnCallPage } from "@/api/types";
import { useActions } from "@/app/actions";
import { useCan } from "@/app/session";
import { useUrl } from "@/app/url";
import { DocumentEditor, type Edited } from "@/components/DocumentEditor";
import { Quick } from "@/components/Quick";
import { Show } from "@/components/Query";
import { RefLink } from "@/components/RefLink";
import type { Column } from "@/components/table/column";
import { ListView } from "@/components/table/ListView";
import { useDo } from "@/components/toast";
import { SeverityBadge, StateBadge, Tag } from "@/ui/Badges";
import { Empty } from "@/ui/Empty";
import { PageHead, Panel } from "@/ui/Panel";
import { At, TimeAgo, Took } from "@/ui/TimeAgo";
import { drafts } from "./drafts";
import { Report } from "./Report";
import classes from "./OnCall.module.css";

const tabs = [["now", "Now"], ["pages", "Pages"], ["policies", "Policies"], ["channels", "Channels"], ["report", "Report"]] as const;
type Tab = (typeof tabs)[number][0];

export default function OnCall() {
  const can = useCan();
  const [search, setUrl] = useUrl();
  const tab: Tab = tabs.find(([v]) => v === search.tab)?.[0] ?? "now";
  const [editing, setEditing] = useState<Edited>();
  const why = can("oncall:write") ? undefined : "Your role may not change rotas, policies and channels";
  const kind = tab === "policies" ? "EscalationPolicy" : tab === "channels" ? "Channel" : "Rota";
  const noun = { EscalationPolicy: "policy", Channel: "channel", Rota: "rota" }[kind];
  const make = () => setEditing({ kind, draft: drafts[kind] });
  useActions([{ id: "oncall-new", label: `New ${noun}`, group: "Actions", keys: "c", disabled: why, run: make }]);
  return (
    <div className="stack">
      <PageHead title="On call" sub="Who is told when something breaks, and how" actions={<>
        <Button component={Link} to="/notifications" variant="default">My notifications</Button>
        {tab !== "pages" && tab !== "report" && <Button disabled={Boolean(why)} title={why} onClick={make}>New {noun}</Button>}
      </>} />
      <Tabs value={tab} onChange={(t) => setUrl({ tab: t === "now" ? undefined : t ?? undefined })} keepMounted={false}>
        <Tabs.List aria-label="What is shown">{tabs.map(([v, label]) => <Tabs.Tab key={v} value={v}>{label}</Tabs.Tab>)}</Tabs.List>
      </Tabs>
      {tab === "now" && <Now onNew={make} why={why} />}
      {tab === "pages" && <Pages />}
      {tab === "policies" && <Policies onOpen={(name) => setEditing({ kind: "EscalationPolicy", name })} />}
      {tab === "channels" && <Channels onOpen={(name) => setEditing({ kind: "Channel", name })} why={why} />}
      {tab === "report" && <Report />}
      <DocumentEditor what={editing} why={why} onClose={() => setEditing(undefined)} />
    </div>
  );
}

function Now({ onNew, why }: { onNew: () => void; why?: string }) {
  const query = useQuery(rotasQuery);
  return (
    <Show query={query} lines={4}>
      {(list) => list.length === 0 ? <Empty title="There is no rota yet" action={<Button disabled={Boolean(why)} title={why} onClick={onNew}>New rota</Button>}>A rota says who is on call when. A policy then says which situations page, and whom in which order.</Empty> : (
        <div className={classes.cards}>
          {list.map((r) => (
            <Link key={r.name} to="/on-call/$name" params={{ name: r.name }} className={classes.card}>
              <div className="dim">{r.title || r.name}</div>
              <div className={classes.who}>{r.now ? r.nowName : <span style={{ color: "var(--major)" }}>Nobody</span>}</div>
              <div className="dim">{r.now ? <>until <At at={r.now.to} /></> : "is on call now"}</div>
              {r.next && <div className="dim">then {r.nextName} <At at={r.next.from} /></div>}
              {r.gap && <div className="row"><StateBadge state="gap" /><span className="dim"><At at={r.gap.from} /> – <At at={r.gap.to} /></span></div>}
            </Link>
          ))}
        </div>
      )}
    </Show>
  );
}

const pageColumns: Column<OnCallPage>[] = [
  { id: "state", label: "State", width: "8rem", narrow: true, compact: { width: "6.5rem", cell: (p) => <StateBadge state={p.state} /> }, cell: (p) => <StateBadge state={p.exhausted && p.state === "open" ? "unanswered" : p.state} />, text: (p) => p.state },
  { id: "severity", label: "Severity", width: "6.5rem", sort: "severity", cell: (p) => <SeverityBadge severity={p.severity} />, text: (p) => p.severity },
  { id: "title", label: "Situation", width: "minmax(10rem, 2fr)", sort: "title", narrow: true, cell: (p) => <RefLink kind="situation" id={p.situation}>{p.title}</RefLink>, text: (p) => p.title },
  { id: "policy", label: "Policy", width: "minmax(6rem, 1fr)", sort: "policy", cell: (p) => p.policy, text: (p) => p.policy },
  { id: "by", label: "Who has it", width: "9rem", cell: (p) => p.acknowledgedBy || <span className="dim">nobody</span>, text: (p) => p.acknowledgedBy },
  { id: "after", label: "After", width: "5rem", align: "right", cell: (p) => p.acknowledgedAt ? <Took from={p.openedAt} to={p.acknowledgedAt} /> : <span className="dim">–</span>, text: (p) => p.acknowledgedAt },
  { id: "opened", label: "Began", width: "6rem", align: "right", sort: "openedAt", narrow: true, cell: (p) => <TimeAgo at={p.openedAt} />, text: (p) => p.openedAt },
];

function Pages() {
  const navigate = useNavigate();
  return <ListView<OnCallPage> kind="page" path={pagesPath} label="Pages" columns={pageColumns} filters={[{ field: "policy", label: "Policy", kind: "text" }, { field: "severity", label: "Severity", kind: "severity" }, { field: "openedAt", label: "Began", kind: "time" }]}
    rowKey={(p) => p.id} defaultSort="-openedAt" onOpen={(p) => void navigate({ to: "/situations/$id", params: { id: p.situation } })}
    quick={<Quick field="state" label="Which pages" options={[{ label: "All", values: [] }, { label: "Open", values: ["open", "snoozed"] }, { label: "Taken", values: ["acknowledged"] }, { label: "Over", values: ["resolved"] }]} />}
    empty={<Empty title="Nobody was paged">A situation that a policy selects pages whoever is on call.</Empty>} />;
}

const targets = (list: EscalationPolicy["spec"]["steps"][number]["notify"]) => list.map((t) => t.person ?? t.rota ?? t.team ?? t.channel).join(", ");

function Policies({ onOpen }: { onOpen: (name: string) => void }) {
  const query = useQuery(policiesQuery);
  return (
    <Show query={query} lines={4}>
      {(list) => list.length === 0 ? <Empty title="There is no policy yet">Without one nobody is paged, whatever happens.</Empty> : (
        <div className="stack">{list.map((p) => (
          <Panel key={p.name} title={p.spec.title || p.name} hint={p.open > 0 ? `${p.open} under way` : undefined} actions={<Button size="compact-sm" variant="default" onClick={() => onOpen(p.name)}>Edit</Button>}>
            <div className="stack" style={{ gap: "0.375rem" }}>
              <div className="row wrap"><span className="dim">For</span>{conditions(p).map((c) => <Tag key={c}>{c}</Tag>)}</div>
              <ol style={{ margin: 0, paddingLeft: "1.25rem" }}>{p.spec.steps.map((s, i) => <li key={i}>{targets(s.notify)} <span className="dim">then wait {s.wait ?? "5m"}</span></li>)}</ol>
              <div className="dim">{p.spec.repeat ? `${p.spec.repeat} more times, ` : ""}{p.spec.fallback?.length ? `then ${targets(p.spec.fallback)}` : "then nobody more"}</div>
            </div>
          </Panel>
        ))}</div>
      )}
    </Show>
  );
}

function conditions(p: EscalationPolicy): string[] {
  const m = p.spec.match ?? {};
  const out = [m.severity ? `${m.severity} and worse` : "", ...(m.teams ?? []).map((t) => `team ${t}`), ...(m.classes ?? []), ...(m.services ?? []), ...Object.entries(m.labels ?? {}).map(([k, v]) => `${k}=${v}`)].filter(Boolean);
  return out.length ? out : ["every situation"];
}

function Channels({ onOpen, why }: { onOpen: (name: string) => void; why?: string }) {
  const query = useQuery(channelsQuery);
  return (
    <Show query={query} lines={4}>
      {(list) => list.length === 0 ? <Empty title="There is no channel yet">Mail and browsers need none; chats, telephones and webhooks are declared here.</Empty> : (
        <Panel title="Channels" count={list.length} flush><div className={classes.scroll}><table className={classes.table}><tbody>{list.map((c) => <OneChannel key={c.name} channel={c} onOpen={onOpen} why={why} />)}</tbody></table></div></Panel>
      )}
    </Show>
  );
}

function OneChannel({ channel: c, onOpen, why }: { channel: NotificationChannel; onOpen: (name: string) => void; why?: string }) {
  const test = useDo({ run: () => testChannel(c.name), failed: "No test was sent", touches: ["channel"] });
  const sent = useQuery({ ...deliveryQuery(test.data?.id ?? ""), enabled: Boolean(test.data) });
  const last = sent.data ?? c.last;
  return (
    <tr>
      <td>{c.title || c.name}</td><td><Tag>{c.type}</Tag></td>
      <td>{last ? <span className="row"><StateBadge state={last.state} /><span className="dim cut" title={last.answer} style={{ maxWidth: "24rem" }}><TimeAgo at={last.at} /> {last.answer}</span></span> : <span className="dim">not used yet</span>}</td>
      <td data-n className="nowrap"><Button size="compact-sm" variant="default" disabled={Boolean(why)} title={why} loading={test.isPending || sent.data?.state === "waiting"} onClick={() => test.mutate(undefined)}>Send a test</Button> <Button size="compact-sm" variant="default" onClick={() => onOpen(c.name)}>Edit</Button></td>
    </tr>
  );
}
