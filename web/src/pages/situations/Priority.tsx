import { Button, Modal, Select, Textarea } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { setPriority } from "@/api/events";
import type { SituationDetail } from "@/api/types";
import { useActions } from "@/app/actions";
import { useCan } from "@/app/session";
import { useDo } from "@/components/toast";
import { plural } from "@/format/number";
import { PriorityBadge } from "@/ui/Badges";
import { Facts, Panel } from "@/ui/Panel";

/** How soon a situation has to be dealt with, why, and a person's word on it. */
export function Priority({ situation: s }: { situation: SituationDetail }) {
  const can = useCan();
  const [asking, setAsking] = useState(false);
  const i = s.impact;
  const why = !can("situations:act") ? "Your role may not act on situations" : s.state !== "open" ? "The situation is over" : undefined;
  const touches = ["situation", "incident", "ledger"];
  const back = useDo({ run: () => setPriority(s.id, ""), done: "The priority follows again", touches });
  useActions([{ id: "situation-priority", label: "Set the priority", group: "Actions", keys: "p", disabled: why, run: () => setAsking(true) }]);
  return (
    <Panel title="Priority" actions={i.setBy
      ? <Button size="compact-xs" variant="default" disabled={Boolean(why)} title={why ?? `Without a person's word it is ${i.computed}`} loading={back.isPending} onClick={() => back.mutate(undefined)}>Take back</Button>
      : <Button size="compact-xs" variant="default" disabled={Boolean(why)} title={why} onClick={() => setAsking(true)}>Set…</Button>}>
      <div className="stack" style={{ gap: "0.5rem" }}>
        <div className="row wrap"><PriorityBadge priority={s.priority} />{i.setBy ? <span>set by {i.setBy}{i.note && `: ${i.note}`} <span className="dim">({i.computed} by impact and urgency)</span></span> : <span className="dim">impact {i.impact || "not known"}, urgency {i.urgency || "not known"}</span>}</div>
        <ul style={{ margin: 0, paddingLeft: "1.125rem" }}>{i.why.map((w) => <li key={w}>{w}</li>)}</ul>
        <Facts wide rows={[
          ["Services", i.services.length ? i.services.slice(0, 8).map((v, n) => <span key={v.id}>{n > 0 && ", "}<Link className="link" to="/service-health/$id" params={{ id: v.id }}>{v.name}</Link></span>) : "none"],
          i.sites.length ? ["Sites", i.sites.slice(0, 8).map((v, n) => <span key={v}>{n > 0 && ", "}<Link className="link" to="/service-health/$id" params={{ id: `site:${v}` }}>{v}</Link></span>)] : false,
          i.users ? ["Users", plural(i.users, "user")] : false,
          i.targets.length ? ["Agreed", i.targets.slice(0, 5).map((t) => <div key={`${t.name} ${t.item}`}><Link className="link" to="/availability/$id" params={{ id: t.item }}>{t.name}</Link> <span className="dim">{t.percent} %</span></div>)] : false,
        ]} />
      </div>
      {asking && <Ask id={s.id} now={s.priority} onClose={() => setAsking(false)} />}
    </Panel>
  );
}

function Ask({ id, now, onClose }: { id: string; now: string | undefined; onClose: () => void }) {
  const [priority, set] = useState(now || "P3");
  const [note, setNote] = useState("");
  const go = useDo({ run: () => setPriority(id, priority, note.trim() || undefined), done: `The priority is ${priority}`, touches: ["situation", "incident", "ledger"], then: onClose });
  return (
    <Modal opened onClose={onClose} title="Set the priority" closeButtonProps={{ "aria-label": "Close" }}>
      <form className="stack" onSubmit={(e) => { e.preventDefault(); go.mutate(undefined); }}>
        <Select label="Priority" data-autofocus allowDeselect={false} data={["P1", "P2", "P3", "P4", "P5"]} value={priority} onChange={(v) => v && set(v)} />
        <Textarea label="Why (kept as a comment)" autosize minRows={2} value={note} onChange={(e) => setNote(e.currentTarget.value)} />
        <p className="dim">It stays until it is taken back, and the incident takes it over.</p>
        <Button type="submit" loading={go.isPending} disabled={priority === now}>Set</Button>
      </form>
    </Modal>
  );
}
