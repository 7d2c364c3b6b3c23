import { Button, Modal, Radio } from "@mantine/core";
import { useState } from "react";
import { confirmRoot } from "@/api/events";
import type { Candidate, SituationDetail } from "@/api/types";
import { useActions } from "@/app/actions";
import { useCan } from "@/app/session";
import { ItemLink } from "@/components/Names";
import { RefLink } from "@/components/RefLink";
import { targetOf } from "@/components/refs";
import { useDo } from "@/components/toast";
import { Tag } from "@/ui/Badges";
import { Panel } from "@/ui/Panel";
import { mayNot, touches } from "./Decide";
import { Evidence } from "./Evidence";
import classes from "./Situation.module.css";
import { rootChoices } from "./words";

/** The most likely cause, the reasoning as a list a person can check, and who else was in question. */
export function Cause({ situation: s }: { situation: SituationDetail }) {
  const root = s.candidates.find((c) => (s.rootItem ? c.item === s.rootItem : c.alert === s.rootAlert)) ?? s.candidates[0];
  const others = s.candidates.filter((c) => c !== root).slice(0, 4);
  if (!root) return <Panel title="Root cause"><p className="dim">No item stands out yet: the failing items do not depend on each other.</p></Panel>;
  return (
    <Panel title="Root cause">
      <div className="stack">
        <div className={classes.cause}>
          <span className={classes.name}>{root.item ? <ItemLink id={root.item} name={root.name} /> : root.name}</span>
          {!s.confirmed && <Confidence value={s.confidence || root.confidence} />}
          {s.confirmed && <Tag>confirmed{s.confirmedBy ? ` by ${s.confirmedBy}` : ""}</Tag>}
          {root.alert && <RefLink kind="alert" id={root.alert}>its alert</RefLink>}
          <Verdict situation={s} root={root} />
        </div>
        <Reasons of={root} situation={s} />
        <Evidence of={root} />
        {others.length > 0 && (
          <details>
            <summary className="dim">Also considered: {others.map((c) => c.name).join(", ")}</summary>
            {others.map((c) => (
              <div key={c.alert + c.item} style={{ marginTop: "0.5rem" }}>
                <div className={classes.cause}><strong>{c.item ? <ItemLink id={c.item} name={c.name} /> : c.name}</strong><Confidence value={c.confidence} /></div>
                <Reasons of={c} situation={s} />
                <Evidence of={c} />
              </div>
            ))}
          </details>
        )}
      </div>
    </Panel>
  );
}

/** A person says that it is so, or what it is instead. Each can be taken back. */
function Verdict({ situation: s, root }: { situation: SituationDetail; root: Candidate }) {
  const can = useCan();
  const [correcting, setCorrecting] = useState(false);
  const why = can("situations:act") ? undefined : mayNot;
  const open = s.state === "open";
  const before = s.confirmed ? (root.item ? { item: root.item } : { alert: root.alert }) : {};
  const restore = useDo({ run: (to: Root) => confirmRoot(s.id, to), done: "As it was before", touches });
  const say = useDo({
    run: (to: Root) => confirmRoot(s.id, to), touches,
    done: (r, to) => (to.item || to.alert ? `${r.rootName || "It"} is the root cause` : "The root cause is open again"),
    undo: () => () => restore.mutate(before),
  });
  const own = root.item ? { item: root.item } : { alert: root.alert };
  useActions(open ? [
    s.confirmed
      ? { id: "cause-open", label: "Take back the confirmed root cause", group: "Actions", disabled: why, run: () => say.mutate({}) }
      : { id: "cause-confirm", label: `Confirm the root cause: ${root.name}`, group: "Actions", keys: "y", disabled: why, run: () => say.mutate(own) },
    { id: "cause-correct", label: "Correct the root cause", group: "Actions", keys: "n", disabled: why, run: () => setCorrecting(true) },
  ] : []);
  if (!open) return null;
  return (
    <span className="row" style={{ marginLeft: "auto" }}>
      {s.confirmed
        ? <Button variant="default" size="compact-sm" disabled={Boolean(why)} title={why} loading={say.isPending} onClick={() => say.mutate({})}>Take back</Button>
        : <Button variant="default" size="compact-sm" disabled={Boolean(why)} title={why} loading={say.isPending} onClick={() => say.mutate(own)}>Confirm</Button>}
      <Button variant="default" size="compact-sm" disabled={Boolean(why)} title={why} onClick={() => setCorrecting(true)}>Correct…</Button>
      {correcting && <Correct situation={s} root={root} onClose={() => setCorrecting(false)} onSay={(to) => { setCorrecting(false); say.mutate(to); }} />}
    </span>
  );
}

type Root = { item?: string; alert?: string };

/** Every item of the situation can be the cause, and every alert that has none. */
function Correct({ situation: s, root, onClose, onSay }: { situation: SituationDetail; root: Candidate; onClose: () => void; onSay: (to: Root) => void }) {
  const [value, setValue] = useState<string>();
  const choices = rootChoices(s);
  return (
    <Modal opened onClose={onClose} title="What is the root cause?" closeButtonProps={{ "aria-label": "Close" }}>
      <form className="stack" onSubmit={(e) => { e.preventDefault(); if (value) onSay(value.startsWith("item/") ? { item: value.slice(5) } : { alert: value.slice(6) }); }}>
        <Radio.Group aria-label="Root cause" value={value ?? null} onChange={setValue}>
          <div className="stack" style={{ gap: "0.5rem", maxHeight: "20rem", overflowY: "auto", padding: 3 }}>
            {choices.map((c, i) => <Radio key={c.value} size="xs" value={c.value} data-autofocus={i === 0 || undefined} label={c.label} description={c.value === `item/${root.item}` || c.value === `alert/${root.alert}` ? "what Mainstay takes it for" : c.detail} />)}
          </div>
        </Radio.Group>
        <p className="dim">The situation, its title and its incident follow what you say. It stays until you take it back.</p>
        <Button type="submit" disabled={!value}>This is the root cause</Button>
      </form>
    </Modal>
  );
}

/** Each reason links what it speaks of, so that it can be checked: names where they stand, the rest behind it. */
function Reasons({ of, situation: s }: { of: Candidate; situation: SituationDetail }) {
  const names = new Map<string, string>();
  for (const c of s.candidates) if (c.item) names.set(c.item, c.name);
  for (const { alert: a } of s.members) {
    if (a.item && a.itemName) names.set(a.item, a.itemName);
    names.set(a.id, `alert of ${a.itemName || a.title}`);
  }
  return (
    <ol className={classes.reasons}>
      {(of.reasons ?? []).map((r, i) => {
        const refs = (r.refs ?? []).filter((f) => targetOf(f.kind, f.id));
        const items = refs.filter((f) => f.kind === "item");
        const inText = items.filter((f) => names.has(f.id) && r.text.includes(names.get(f.id)!));
        const rest = refs.filter((f) => !inText.includes(f)).slice(0, 4);
        return (
          <li key={i}>
            {linked(r.text, inText.map((f) => [names.get(f.id)!, f.id]))}
            {rest.map((f) => <span key={f.id}> {f.kind === "item" ? <ItemLink id={f.id} name={names.get(f.id)} /> : <RefLink kind={f.kind} id={f.id}>{names.get(f.id) ?? f.kind}</RefLink>}</span>)}
          </li>
        );
      })}
    </ol>
  );
}

/** The text with the first mention of each name as a link. Longer names go first: one may be part of another. */
function linked(text: string, names: [name: string, id: string][]): React.ReactNode {
  const [first, ...rest] = [...names].sort((a, b) => b[0].length - a[0].length);
  if (!first) return text;
  const at = text.indexOf(first[0]);
  if (at < 0) return linked(text, rest);
  return <>{linked(text.slice(0, at), rest)}<ItemLink id={first[1]} name={first[0]} />{linked(text.slice(at + first[0].length), rest)}</>;
}

function Confidence({ value }: { value: number }) {
  const percent = Math.round(value * 100);
  return (
    <span className={classes.confidence} title="How much the evidence sets this item apart from the next candidate">
      <span className={classes.meter} aria-hidden="true"><span style={{ width: `${percent}%` }} /></span>
      {percent} % sure
    </span>
  );
}
