import { ActionIcon, Button, Checkbox, Select, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { deliveryQuery, myCalendar, myDeliveriesQuery, myNotificationsQuery, setMyNotifications, testMine } from "@/api/oncall";
import type { MyNotifications, OnCallPreferences } from "@/api/types";
import { Copy } from "@/components/Copy";
import { ProblemView } from "@/components/ProblemView";
import { Show } from "@/components/Query";
import { useDo } from "@/components/toast";
import { agentName } from "@/format/agent";
import { StateBadge } from "@/ui/Badges";
import { Empty } from "@/ui/Empty";
import { IconClose } from "@/ui/icons";
import { Columns, PageHead, Panel } from "@/ui/Panel";
import { TimeAgo } from "@/ui/TimeAgo";
import { pushable, subscribe, unsubscribe } from "./browser";
import { OneDelivery } from "./SituationPages";
import classes from "./OnCall.module.css";

/** How a person is told; they set it themselves. */
export default function Notifications() {
  const query = useQuery({ ...myNotificationsQuery, refetchOnWindowFocus: false });
  return (
    <div className="stack">
      <PageHead title="My notifications" sub="How you are told when you are paged" />
      <Show query={query} lines={8}>{(m) => <Columns main={<Rules key={JSON.stringify(m.preferences)} mine={m} />} side={<><Browsers mine={m} /><Calendar /><Log /></>} />}</Show>
    </div>
  );
}

type Urgency = "high" | "low";
const titles: Record<Urgency, string> = { high: "When it is urgent", low: "When it can wait" };

function Rules({ mine }: { mine: MyNotifications }) {
  const [p, setP] = useState<OnCallPreferences>(mine.preferences);
  const save = useDo({ run: () => setMyNotifications(p), done: "Saved", failed: "Not saved", touches: ["my-notifications"] });
  const [tested, setTested] = useState<string>();
  const test = useDo({ run: testMine, failed: "No test was sent", touches: [], then: (r) => setTested(r.id) });
  const result = useQuery({ ...deliveryQuery(tested ?? ""), enabled: Boolean(tested) });
  const change = (c: Partial<OnCallPreferences>) => setP({ ...p, ...c });
  const contact = (kind: string, value: string) => change({ contacts: { ...p.contacts, [kind]: value } });
  const used = new Set([...p.high, ...p.low].map((r) => mine.channels.find((c) => c.name === r.channel)?.contact).filter((c): c is string => Boolean(c)));
  const quiet = p.quiet;
  return (
    <form className="stack" onSubmit={(e) => { e.preventDefault(); save.mutate(undefined); }}>
      {(["high", "low"] as const).map((u) => (
        <Panel key={u} title={titles[u]} hint={u === "high" ? "Critical and major, unless the policy says otherwise" : undefined} actions={<Button size="compact-sm" variant="default" onClick={() => change({ [u]: [...p[u], { after: p[u].length ? "5m" : "0s", channel: mine.channels[0]?.name ?? "mail" }] })}>Add</Button>}>
          <div className="stack" style={{ gap: "0.5rem" }}>
            {p[u].length === 0 && <p className="dim">You are not told.</p>}
            {p[u].map((r, i) => {
              const put = (c: Partial<typeof r>) => change({ [u]: p[u].map((x, j) => (i === j ? { ...x, ...c } : x)) });
              return (
                <div key={i} className={classes.rule}>
                  <TextInput label={i === 0 ? "After" : undefined} aria-label="After" value={r.after ?? ""} placeholder="0s" onChange={(e) => put({ after: e.currentTarget.value || undefined })} />
                  <Select label={i === 0 ? "By" : undefined} aria-label="By" allowDeselect={false} data={mine.channels.map((c) => ({ value: c.name, label: c.name === "push" ? "push to my browsers" : c.name }))} value={r.channel} onChange={(v) => v && put({ channel: v })} />
                  <span className="row">
                    <Button size="compact-sm" variant="default" loading={test.isPending && test.variables === r.channel} onClick={() => test.mutate(r.channel)}>Test</Button>
                    <ActionIcon aria-label="Remove this rule" onClick={() => change({ [u]: p[u].filter((_, j) => j !== i) })}><IconClose size={16} /></ActionIcon>
                  </span>
                </div>
              );
            })}
          </div>
        </Panel>
      ))}
      {result.data && <div className="row" role="status"><StateBadge state={result.data.state} /><span className="dim">test by {result.data.channel}: {result.data.answer || "under way"}</span></div>}
      <Panel title="Quiet hours and gathering" hint="Only for what can wait">
        <div className="stack" style={{ gap: "0.5rem" }}>
          <TextInput label="Your time zone" placeholder="UTC" value={p.timeZone ?? ""} onChange={(e) => change({ timeZone: e.currentTarget.value || undefined })} />
          <Checkbox label="At night it waits until the morning" checked={Boolean(quiet)} onChange={(e) => change({ quiet: e.currentTarget.checked ? { from: "22:00", to: "07:00" } : undefined })} />
          {quiet && <div className="row"><TextInput label="From" value={quiet.from} style={{ width: "6rem" }} onChange={(e) => change({ quiet: { ...quiet, from: e.currentTarget.value } })} /><TextInput label="To" value={quiet.to} style={{ width: "6rem" }} onChange={(e) => change({ quiet: { ...quiet, to: e.currentTarget.value } })} /></div>}
          <TextInput label="Gather for" description="So long is waited, then all is told at once; empty: each by itself" placeholder="30m" value={p.batchLow ?? ""} onChange={(e) => change({ batchLow: e.currentTarget.value || undefined })} />
          <Checkbox label="Do not tell me when it is over" checked={p.over ?? false} onChange={(e) => change({ over: e.currentTarget.checked || undefined })} />
        </div>
      </Panel>
      <Panel title="Where you are reached">
        <div className="stack" style={{ gap: "0.5rem" }}>
          {[...new Set(["mail", ...used])].map((kind) => <TextInput key={kind} label={kind === "mail" ? "E-mail" : kind[0]!.toUpperCase() + kind.slice(1)} placeholder={kind === "mail" ? mine.email : undefined} value={p.contacts?.[kind] ?? ""} onChange={(e) => contact(kind, e.currentTarget.value)} />)}
        </div>
      </Panel>
      {save.error && <ProblemView error={save.error} />}
      <div><Button type="submit" loading={save.isPending} disabled={JSON.stringify(p) === JSON.stringify(mine.preferences)}>Save</Button></div>
    </form>
  );
}

function Browsers({ mine }: { mine: MyNotifications }) {
  const add = useDo({ run: () => subscribe(mine.pushKey), done: "This browser will tell you", failed: "This browser cannot tell you", touches: ["my-notifications"] });
  const gone = useDo({ run: unsubscribe, done: "Removed", touches: ["my-notifications"] });
  const why = pushable() ? undefined : "The browser takes push messages only over https";
  return (
    <Panel title="Browsers" count={mine.browsers.length} actions={<Button size="compact-sm" variant="default" disabled={Boolean(why)} title={why} loading={add.isPending} onClick={() => add.mutate(undefined)}>Add this one</Button>}>
      {mine.browsers.length === 0 ? <p className="dim">{why ?? "None is told yet."}</p> : <div className="stack" style={{ gap: "0.375rem" }}>{mine.browsers.map((b) => (
        <div key={b.endpoint} className="row"><span className="grow cut" title={b.agent}>{agentName(b.agent)}</span><span className="dim"><TimeAgo at={b.createdAt} bare /></span><Button size="compact-xs" variant="default" onClick={() => gone.mutate(b.endpoint)}>Remove</Button></div>
      ))}</div>}
    </Panel>
  );
}

function Calendar() {
  const make = useDo({ run: myCalendar, failed: "No address was made", touches: [] });
  return (
    <Panel title="Calendar" actions={<Button size="compact-sm" variant="default" loading={make.isPending} onClick={() => make.mutate(undefined)}>New address</Button>}>
      {make.data ? <div className="stack" style={{ gap: "0.5rem" }}><p>Subscribe to it in your calendar. Whoever knows it sees your duty; it is shown this once.</p><Copy value={make.data.url} label="Copy the address" /></div>
        : <p className="dim">Your duty in your own calendar. A new address ends the earlier one.</p>}
    </Panel>
  );
}

function Log() {
  const query = useQuery(myDeliveriesQuery);
  return (
    <Panel title="What you were told">
      <Show query={query} lines={4}>{(list) => list.length === 0 ? <Empty title="Nothing yet" /> : <div className="stack" style={{ gap: "0.25rem" }}>{list.slice(0, 50).map((d) => <OneDelivery key={d.id} delivery={d} />)}</div>}</Show>
    </Panel>
  );
}
