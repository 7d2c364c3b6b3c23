import { Button, Drawer, Textarea } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { acknowledge, alertQuery, clearAlert, commentAlert, doToAlerts, unacknowledge, type Deed } from "@/api/events";
import { ledgerAbout } from "@/api/platform";
import type { AlertDetail } from "@/api/types";
import { useActions } from "@/app/actions";
import { useCan } from "@/app/session";
import { Show } from "@/components/Query";
import { ItemLink, Person, TeamName } from "@/components/Names";
import { RefLink } from "@/components/RefLink";
import { Timeline } from "@/components/Timeline";
import { useDo } from "@/components/toast";
import { DeedForm, type Asked } from "./DeedForm";
import { outcome } from "./BulkActions";
import { failed, told } from "@/components/toast";
import { SeverityBadge, StateBadge, Tag } from "@/ui/Badges";
import { Facts } from "@/ui/Panel";
import { At, TimeAgo } from "@/ui/TimeAgo";

/** One alert beside the list it was found in. */
export function AlertDrawer({ id, onClose, onSilence }: { id: string | undefined; onClose: () => void; onSilence: (a: AlertDetail) => void }) {
  const query = useQuery({ ...alertQuery(id ?? ""), enabled: Boolean(id) });
  return (
    <Drawer opened={Boolean(id)} onClose={onClose} position="right" size="34rem" title="Alert" closeButtonProps={{ "aria-label": "Close" }}>
      {id && <Show query={query} missing="This alert is not there (any more)">{(a) => <Details alert={a} onSilence={() => onSilence(a)} />}</Show>}
    </Drawer>
  );
}

function Details({ alert: a, onSilence }: { alert: AlertDetail; onSilence: () => void }) {
  return (
    <div className="stack">
      <div className="row wrap"><SeverityBadge severity={a.severity} soft /><StateBadge state={a.state} soft />{a.flapping && <Tag>flapping</Tag>}</div>
      <h2 style={{ overflowWrap: "anywhere" }}>{a.title}</h2>
      {a.description && <p style={{ whiteSpace: "pre-wrap" }}>{a.description}</p>}
      <AlertActions alert={a} onSilence={onSilence} />
      <Facts wide rows={[
        ["Item", <ItemLink id={a.item} name={a.itemName} />],
        ["Situation", a.situation && <RefLink kind="situation" id={a.situation}>Situation it belongs to</RefLink>],
        a.check ? ["Check", <RefLink kind="check" id={a.check}>Check that found it</RefLink>] : false,
        ["Opened", <><At at={a.openedAt} /> <span className="dim">(<TimeAgo at={a.openedAt} />)</span></>],
        ["Last event", <><At at={a.lastSeen} /> <span className="dim">· {a.count} in all</span></>],
        a.clearedAt ? ["Cleared", <At at={a.clearedAt} />] : false,
        a.acknowledged ? ["Acknowledged", <>{a.acknowledged.by} <TimeAgo at={a.acknowledged.at} /></>] : false,
        a.hold ? [a.hold.kind === "snooze" ? "Snoozed" : "Suppressed", <>by {a.hold.by}{a.hold.until && <> until <At at={a.hold.until} /></>}{a.hold.wakes === "worse" && ", or until it is worse"}{a.hold.wakes === "change" && ", or until its severity changes"}{a.hold.why && `: ${a.hold.why}`}</>] : a.suppression?.by ? ["Held back", <>{a.suppression.by}{a.suppression.why && `: ${a.suppression.why}`}</>] : false,
        a.url ? ["More", <a className="link" href={/^https?:/.test(a.url) ? a.url : undefined} rel="noreferrer" target="_blank">{a.url}</a>] : false,
        a.assignee || a.assignedTeam ? ["Assigned to", <>{a.assignee && <Person id={a.assignee} />}{a.assignee && a.assignedTeam && ", "}{a.assignedTeam && <TeamName id={a.assignedTeam} />}</>] : false,
        ["Source", a.source],
        a.alsoFrom?.length ? ["Also told by", <span className="stack" style={{ gap: 0 }}>{a.alsoFrom.map((o) => <span key={o.alert}><RefLink kind="alert" id={o.alert}>{o.source}</RefLink> <span className="dim">{o.title}</span></span>)}</span>] : false,
        a.sameAs ? ["Tells the same as", <RefLink kind="alert" id={a.sameAs}>an alert of another source</RefLink>] : false,
        ["Key", <code className="mono">{a.key}</code>],
      ]} />
      {a.labels && Object.keys(a.labels).length > 0 && <div className="row wrap">{Object.entries(a.labels).map(([k, v]) => <Tag key={k}>{k}={v}</Tag>)}</div>}
      {a.links.length > 0 && (
        <section className="stack" style={{ gap: "0.375rem" }}>
          <h3>Links</h3>
          {a.links.map((l) => <div key={`${l.kind}/${l.target}`}>{l.kind === "url" ? <a className="link" href={l.target} rel="noreferrer" target="_blank">{l.title}</a> : <RefLink kind={l.kind} id={l.target}>{l.title}</RefLink>} <span className="dim">by {l.by} <TimeAgo at={l.at} /></span></div>)}
        </section>
      )}
      {a.comments.length > 0 && (
        <section className="stack" style={{ gap: "0.375rem" }}>
          <h3>Comments</h3>
          {a.comments.map((c) => <div key={c.id}><strong>{c.by}</strong> <span className="dim"><TimeAgo at={c.at} /></span><p style={{ whiteSpace: "pre-wrap" }}>{c.text}</p></div>)}
        </section>
      )}
      {a.events.length > 0 && (
        <section>
          <h3>Events</h3>
          {a.events.slice(0, 20).map((e) => <div key={e.id} className="row"><span style={{ flex: "none", width: "5.25rem" }}><SeverityBadge severity={e.severity} /></span><span className="grow cut" title={e.title}>{e.title}</span><span className="dim"><At at={e.at} /></span></div>)}
        </section>
      )}
      <History id={a.id} title={a.title} />
    </div>
  );
}

function AlertActions({ alert: a, onSilence }: { alert: AlertDetail; onSilence: () => void }) {
  const can = useCan();
  const [note, setNote] = useState("");
  const touches = ["alert", "situation", "ledger"];
  const empty = () => setNote("");
  const ack = useDo({ run: () => acknowledge(a.id, note || undefined), done: "Acknowledged", touches, then: empty });
  const unack = useDo({ run: () => unacknowledge(a.id), done: "No longer acknowledged", touches });
  const clear = useDo({ run: () => clearAlert(a.id, note || undefined), done: "Cleared", touches, then: empty });
  const say = useDo({ run: () => commentAlert(a.id, note), done: "Comment added", touches, then: empty });
  const [asking, setAsking] = useState<Asked>();
  const deed = useDo({ run: (d: Deed) => doToAlerts(d, [a.id]), touches, then: (results, d) => {
    const said = outcome(d.action, results);
    if (said.ok) told(said.text);
    else failed("Nothing was changed", said.text);
    setAsking(undefined);
  } });
  const held = Boolean(a.hold);
  const may = can("alerts:act");
  const why = may ? undefined : "Your role may not act on alerts";
  const closed = a.state === "cleared";
  const acknowledged = a.state === "acknowledged" || Boolean(a.acknowledged);
  useActions(closed ? [] : [
    { id: "alert-ack", label: acknowledged ? "Take back the acknowledgement" : "Acknowledge this alert", group: "Actions", keys: "a", dialog: true, disabled: why, run: () => (acknowledged ? unack : ack).mutate(undefined) },
    { id: "alert-snooze", label: held ? "End what holds this alert back" : "Snooze this alert", group: "Actions", keys: "s", dialog: true, disabled: why, run: () => (held ? deed.mutate({ action: "release" }) : setAsking("snooze")) },
    { id: "alert-silence", label: "Silence alerts like this", group: "Actions", keys: "m", dialog: true, disabled: why, run: onSilence },
  ]);
  return (
    <div className="stack" style={{ gap: "0.5rem" }}>
      <Textarea aria-label="Comment" placeholder="Comment (optional with an action)" autosize minRows={1} value={note} onChange={(e) => setNote(e.currentTarget.value)} disabled={!may} />
      <div className="row wrap">
        {!closed && (acknowledged
          ? <Button variant="default" disabled={!may} title={why} loading={unack.isPending} onClick={() => unack.mutate(undefined)}>Take back</Button>
          : <Button disabled={!may} title={why} loading={ack.isPending} onClick={() => ack.mutate(undefined)}>Acknowledge</Button>)}
        {!closed && <Button variant="default" disabled={!may} title={why} loading={clear.isPending} onClick={() => clear.mutate(undefined)}>Clear</Button>}
        {!closed && (held
          ? <Button variant="default" disabled={!may} title={why} loading={deed.isPending} onClick={() => deed.mutate({ action: "release" })}>Wake</Button>
          : <Button variant="default" disabled={!may} title={why} onClick={() => setAsking("snooze")}>Snooze…</Button>)}
        {!closed && !held && <Button variant="default" disabled={!may} title={why} onClick={() => setAsking("suppress")}>Suppress…</Button>}
        <Button variant="default" disabled={!may} title={why} onClick={() => setAsking("assign")}>Assign…</Button>
        <Button variant="default" disabled={!may} title={why} onClick={() => setAsking("link")}>Link…</Button>
        {!closed && <Button variant="default" disabled={!may} title={why} onClick={onSilence}>Silence…</Button>}
        <Button variant="default" disabled={!may || !note.trim()} title={why ?? (note.trim() ? undefined : "Write a comment first")} loading={say.isPending} onClick={() => say.mutate(undefined)}>Comment</Button>
      </div>
      {asking && <DeedForm asked={asking} n={1} busy={deed.isPending} onClose={() => setAsking(undefined)} onGo={(d) => deed.mutate(d)} />}
    </div>
  );
}

function History({ id, title }: { id: string; title: string }) {
  const query = useQuery(ledgerAbout({ subject: `alert/${id}` }));
  return (
    <section>
      <h3 style={{ marginBottom: "0.25rem" }}>History</h3>
      <Show query={query}>{(p) => (p.items.length ? <Timeline entries={p.items} own={id} title={title} /> : <p className="dim">Nothing is recorded of it yet.</p>)}</Show>
    </section>
  );
}
