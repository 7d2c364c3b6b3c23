import { Button, Menu, Modal, Textarea } from "@mantine/core";
import { useState } from "react";
import { decide, moveChange, stepChange } from "@/api/changes";
import type { Change } from "@/api/types";
import { useActions } from "@/app/actions";
import { useCan, useMe } from "@/app/session";
import { ProblemView } from "@/components/ProblemView";
import { useDo } from "@/components/toast";
import { TimeInput } from "@/ui/TimeInput";
import { ChangeForm } from "./ChangeForm";

type Step = Parameters<typeof stepChange>[1];
type Action = "approve" | "reject" | Step;

const verbs: Record<Action, { label: string; ask: string; needed?: boolean; says: string }> = {
  request: { label: "Request approval", ask: "Comment", says: "Somebody else decides on it." },
  approve: { label: "Approve", ask: "Comment", says: "A maintenance window opens for its items at the planned time." },
  reject: { label: "Reject", ask: "Why it is rejected", needed: true, says: "It can be revised and requested again." },
  start: { label: "Start", ask: "Comment", says: "Its implementation begins now; so does its maintenance window, if that is earlier than planned." },
  finish: { label: "Finish", ask: "What came of it", says: "Its maintenance window ends now." },
  revise: { label: "Revise", ask: "Why", says: "It is a draft again: its approval falls, and its maintenance window goes." },
  cancel: { label: "Cancel it", ask: "Why it is given up", needed: true, says: "Its maintenance window ends." },
};
/** The step most likely wanted, by what is possible. */
const order: Action[] = ["approve", "start", "finish", "request", "reject", "revise", "cancel"];
const touches = ["change", "ledger", "maintenance"];

/** What the state machine and the role allow next. */
export function Steps({ change: c }: { change: Change }) {
  const can = useCan();
  const me = useMe();
  const [asking, setAsking] = useState<Action>();
  const [moving, setMoving] = useState(false);
  const [editing, setEditing] = useState(false);
  const next = order.filter((a) => c.actions?.includes(a));
  const deciding = c.state === "requested" && !next.includes("approve");
  const own = c.requester?.id === me?.id;
  const why = own ? "You asked for its approval: somebody else decides" : "Your role may not approve changes";
  const editable = c.state === "draft" && can("changes:write");
  useActions([
    ...next.map((a) => ({ id: `change-${a}`, label: `${verbs[a].label}: ${c.number}`, group: "Actions" as const, run: () => setAsking(a) })),
    { id: "change-edit", label: `Edit ${c.number}`, group: "Actions", keys: "e", disabled: editable ? undefined : "Only a draft is edited: revise it first", run: () => setEditing(true) },
  ]);
  // Both answers to a question are buttons; of other steps the likeliest is.
  const buttons = next.includes("approve") ? next.slice(0, 2) : deciding ? [] : next.slice(0, 1).filter((a) => a !== "cancel" && a !== "revise");
  const rest = next.filter((a) => !buttons.includes(a));
  return (
    <>
      {editable && <Button variant="default" onClick={() => setEditing(true)}>Edit</Button>}
      {deciding && <Button disabled title={why}>Approve</Button>}
      {buttons.map((a, i) => <Button key={a} variant={i ? "default" : undefined} onClick={() => setAsking(a)}>{verbs[a].label}</Button>)}
      {(rest.length > 0 || c.movable) && (
        <Menu position="bottom-end">
          <Menu.Target><Button variant="default">More</Button></Menu.Target>
          <Menu.Dropdown>
            {c.movable && <Menu.Item onClick={() => setMoving(true)}>Move to another time…</Menu.Item>}
            {rest.map((a) => <Menu.Item key={a} onClick={() => setAsking(a)}>{verbs[a].label}…</Menu.Item>)}
          </Menu.Dropdown>
        </Menu>
      )}
      {asking && <Ask change={c} action={asking} onClose={() => setAsking(undefined)} />}
      {moving && <Move change={c} onClose={() => setMoving(false)} />}
      {editing && <ChangeForm change={c} onClose={() => setEditing(false)} />}
    </>
  );
}

function Ask({ change: c, action, onClose }: { change: Change; action: Action; onClose: () => void }) {
  const { label, ask, needed, says } = verbs[action];
  const [reason, setReason] = useState("");
  const said = reason.trim() || undefined;
  const take = useDo({
    run: () => action === "approve" || action === "reject" ? decide(c.id, action, said) : stepChange(c.id, action, said),
    done: `${c.number}: ${label.toLowerCase()}`, touches, then: onClose,
  });
  return (
    <Modal opened onClose={onClose} title={`${label}: ${c.number}`} closeButtonProps={{ "aria-label": "Close" }}>
      <form className="stack" onSubmit={(e) => { e.preventDefault(); take.mutate(undefined); }}>
        <p className="dim">{says}</p>
        <Textarea label={ask} required={needed} autosize minRows={2} data-autofocus value={reason} onChange={(e) => setReason(e.currentTarget.value)} />
        {take.error && <ProblemView error={take.error} />}
        <Button type="submit" loading={take.isPending} disabled={needed && !said}>{label}</Button>
      </form>
    </Modal>
  );
}

function Move({ change: c, onClose }: { change: Change; onClose: () => void }) {
  const [from, setFrom] = useState<number | undefined>(Date.parse(c.plannedStart!));
  const [to, setTo] = useState<number | undefined>(Date.parse(c.plannedEnd!));
  const reversed = from !== undefined && to !== undefined && from >= to ? "It must end after it starts" : undefined;
  const begun = c.state === "implementing";
  const save = useDo({ run: () => moveChange(c.id, { plannedStart: begun ? c.plannedStart! : new Date(from!).toISOString(), plannedEnd: new Date(to!).toISOString() }), done: `${c.number} was moved`, failed: "It was not moved", touches, then: onClose });
  return (
    <Modal opened onClose={onClose} title={`Move ${c.number}`} closeButtonProps={{ "aria-label": "Close" }}>
      <form className="stack" onSubmit={(e) => { e.preventDefault(); save.mutate(undefined); }}>
        <p className="dim">{begun ? "It has begun: only its end can be moved." : "Its approval stays."} Its maintenance window moves with it.</p>
        <div className="row wrap" style={{ alignItems: "flex-start", gap: "0.75rem" }}>
          {!begun && <TimeInput label="Planned from" required width="12rem" value={from} onChange={setFrom} />}
          <TimeInput label="To" required width="12rem" value={to} onChange={setTo} error={reversed} />
        </div>
        {save.error && <ProblemView error={save.error} />}
        <div className="row"><Button type="submit" loading={save.isPending} disabled={from === undefined || to === undefined || Boolean(reversed)}>Move it</Button><Button variant="default" onClick={onClose}>Keep it</Button></div>
      </form>
    </Modal>
  );
}
