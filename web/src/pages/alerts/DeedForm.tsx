import { Button, Checkbox, Modal, Select, Textarea, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { Deed } from "@/api/events";
import { teamsQuery, usersQuery } from "@/api/platform";
import { useCan, useMe } from "@/app/session";
import { plural } from "@/format/number";
import { TimeInput } from "@/ui/TimeInput";

/** What has to be asked before it is done. */
export type Asked = "clear" | "comment" | "snooze" | "suppress" | "assign" | "link";

interface Props {
  asked: Asked;
  n: number;
  busy: boolean;
  onClose: () => void;
  onGo: (deed: Deed) => void;
}

const titles: Record<Asked, (what: string) => string> = {
  clear: (w) => `Clear ${w}`, comment: (w) => `Comment on ${w}`, snooze: (w) => `Snooze ${w}`, suppress: (w) => `Suppress ${w}`, assign: (w) => `Assign ${w}`, link: (w) => `Link ${w}`,
};

/** Asks for what an action on alerts needs. */
export function DeedForm(props: Props) {
  const Form = { clear: Clear, comment: Say, snooze: Snooze, suppress: Suppress, assign: Assign, link: Link }[props.asked];
  return (
    <Modal opened onClose={props.onClose} title={titles[props.asked](plural(props.n, "alert"))} closeButtonProps={{ "aria-label": "Close" }}>
      <Form {...props} />
    </Modal>
  );
}

function Clear({ busy, onGo }: Props) {
  const [text, setText] = useState("");
  return (
    <form className="stack" onSubmit={(e) => { e.preventDefault(); onGo({ action: "clear", text: text.trim() || undefined }); }}>
      <p>They count as over, and a situation without other alerts closes. <span className="dim">What is still wrong opens them again with its next event.</span></p>
      <Textarea label="Why (kept as a comment)" data-autofocus autosize minRows={2} value={text} onChange={(e) => setText(e.currentTarget.value)} />
      <Button type="submit" loading={busy}>Clear them</Button>
    </form>
  );
}

function Say({ busy, onGo }: Props) {
  const [text, setText] = useState("");
  return (
    <form className="stack" onSubmit={(e) => { e.preventDefault(); if (text.trim()) onGo({ action: "comment", text: text.trim() }); }}>
      <Textarea label="Comment" required data-autofocus autosize minRows={2} value={text} onChange={(e) => setText(e.currentTarget.value)} />
      <Button type="submit" loading={busy} disabled={!text.trim()}>Comment</Button>
    </form>
  );
}

/** How long, as people say it. */
export const spans: { label: string; value: string; minutes?: number }[] = [
  { label: "15 minutes", value: "15", minutes: 15 }, { label: "1 hour", value: "60", minutes: 60 }, { label: "4 hours", value: "240", minutes: 240 },
  { label: "Until tomorrow, 8:00", value: "morning" }, { label: "1 week", value: "10080", minutes: 10_080 }, { label: "Until a time…", value: "time" }, { label: "Until its severity changes", value: "change" },
];

/** When a span that begins now ends; undefined when no time ends it. */
export function endOf(span: string, now: number, time: number | undefined): number | undefined {
  if (span === "time") return time;
  if (span === "morning") {
    const next = new Date(now);
    next.setDate(next.getDate() + 1);
    next.setHours(8, 0, 0, 0);
    return next.getTime();
  }
  const minutes = spans.find((s) => s.value === span)?.minutes;
  return minutes === undefined ? undefined : now + minutes * 60_000;
}

function Snooze({ busy, onGo }: Props) {
  const [span, setSpan] = useState("60");
  const [time, setTime] = useState<number>();
  const [worse, setWorse] = useState(true);
  const [text, setText] = useState("");
  const go = () => {
    const until = endOf(span, Date.now(), time);
    const wakes = span === "change" ? "change" : worse ? "worse" : "time";
    onGo({ action: "snooze", wakes, until: until === undefined ? undefined : new Date(until).toISOString(), text: text.trim() || undefined });
  };
  const ready = span !== "time" || time !== undefined;
  return (
    <form className="stack" onSubmit={(e) => { e.preventDefault(); if (ready) go(); }}>
      <p className="dim">Nobody is told of them until they wake. Their situation stays open.</p>
      <Select label="For how long" data-autofocus data={spans.map(({ label, value }) => ({ label, value }))} value={span} allowDeselect={false} onChange={(v) => v && setSpan(v)} />
      {span === "time" && <TimeInput label="Until" required value={time} onChange={setTime} />}
      {span !== "change" && <Checkbox label="Wake before, should the severity rise" checked={worse} onChange={(e) => setWorse(e.currentTarget.checked)} />}
      <Textarea label="Why (kept as a comment)" autosize minRows={1} value={text} onChange={(e) => setText(e.currentTarget.value)} />
      <Button type="submit" loading={busy} disabled={!ready}>Snooze</Button>
    </form>
  );
}

function Suppress({ busy, onGo }: Props) {
  const [text, setText] = useState("");
  return (
    <form className="stack" onSubmit={(e) => { e.preventDefault(); if (text.trim()) onGo({ action: "suppress", text: text.trim() }); }}>
      <p className="dim">Nobody is told of them until somebody takes it back. A situation in which nothing else fails closes.</p>
      <Textarea label="Reason" required data-autofocus autosize minRows={2} value={text} onChange={(e) => setText(e.currentTarget.value)} />
      <Button type="submit" loading={busy} disabled={!text.trim()}>Suppress</Button>
    </form>
  );
}

function Assign({ busy, onGo }: Props) {
  const can = useCan();
  const me = useMe();
  const users = useQuery({ ...usersQuery, enabled: can("users:read") });
  const teams = useQuery(teamsQuery);
  const [user, setUser] = useState<string | null>(null);
  const [team, setTeam] = useState<string | null>(null);
  const people = users.data?.items.map((u) => ({ value: u.id, label: u.name || u.username })) ?? (me ? [{ value: me.id, label: me.name || "Me" }] : []);
  return (
    <form className="stack" onSubmit={(e) => { e.preventDefault(); onGo({ action: "assign", user: user ?? undefined, team: team ?? undefined }); }}>
      <Select label="Person" data-autofocus searchable clearable data={people} value={user} onChange={setUser} />
      <Select label="Team" searchable clearable data={teams.data?.items.map((t) => ({ value: t.id, label: t.name })) ?? []} value={team} onChange={setTeam} />
      <Button type="submit" loading={busy}>{user || team ? "Assign" : "Take the assignment back"}</Button>
    </form>
  );
}

function Link({ busy, onGo }: Props) {
  const [target, setTarget] = useState("");
  const [title, setTitle] = useState("");
  const url = /^https?:\/\//.test(target.trim());
  const record = /^(incident|situation|item|alert|run)\/\S+$/.exec(target.trim().replace(/^\//, "").replace(/^(incident|situation|item|alert|run)s\//, "$1/"))?.[0];
  return (
    <form className="stack" onSubmit={(e) => { e.preventDefault(); if (url || record) onGo({ action: "link", ...(url ? { url: target.trim() } : { record }), title: title.trim() || undefined }); }}>
      <TextInput label="Where to" required data-autofocus placeholder="https://… or incident/ID" description="An address, or a record as it is in the address of its page" value={target} onChange={(e) => setTarget(e.currentTarget.value)} />
      <TextInput label="What it is called" value={title} onChange={(e) => setTitle(e.currentTarget.value)} />
      <Button type="submit" loading={busy} disabled={!url && !record}>Link</Button>
    </form>
  );
}
