import { Button, Menu, Modal, Textarea, TextInput } from "@mantine/core";
import { useState } from "react";
import { changeIncident, transition } from "@/api/desk";
import type { Incident } from "@/api/types";
import { useActions } from "@/app/actions";
import { useCan, useMe } from "@/app/session";
import { useDo } from "@/components/toast";
import { wording } from "@/ui/severity";

const usual: Record<string, string[]> = {
  new: ["in_progress", "resolved"], assigned: ["in_progress", "waiting", "resolved"], in_progress: ["waiting", "resolved"], waiting: ["in_progress", "resolved"], resolved: ["closed", "in_progress"], closed: ["in_progress"],
};
const verbs: Record<string, string> = { in_progress: "Work on it", waiting: "Wait", resolved: "Resolve", closed: "Close", assigned: "Assign", new: "Reopen", cancelled: "Cancel" };

/** What the state machine allows next; the main step is a button, the rest a menu. */
export function StateActions({ incident: i }: { incident: Incident }) {
  const can = useCan();
  const me = useMe();
  const why = can("incidents:act") || can("incidents:write") ? undefined : "Your role may not change incidents";
  const [asking, setAsking] = useState<string>();
  const [assigning, setAssigning] = useState(false);
  const touches = ["incident", "ledger"];
  const move = useDo({ run: (a: { state: string; note?: string }) => transition(i.id, a.state, a.note), done: (_r, a) => `INC-${i.number}: ${wording(a.state).toLowerCase()}`, touches, then: () => setAsking(undefined) });
  const take = useDo({ run: () => changeIncident(i.id, { assignee: me?.name }), done: "It is yours", touches });
  const next = i.transitions ?? usual[i.state] ?? [];
  const mine = i.assignee === me?.name;
  const label = (s: string) => (s === "in_progress" && (i.state === "resolved" || i.state === "closed") ? "Reopen" : verbs[s] ?? wording(s));
  useActions([
    ...next.map((s) => ({ id: `incident-${s}`, label: `${label(s)}: INC-${i.number}`, group: "Actions" as const, disabled: why, run: () => setAsking(s) })),
    { id: "incident-take", label: `Take INC-${i.number}`, group: "Actions", keys: "t", disabled: why ?? (mine ? "It is yours already" : undefined), run: () => take.mutate(undefined) },
  ]);
  const [main, ...rest] = next.includes("resolved") ? ["resolved", ...next.filter((s) => s !== "resolved")] : next;
  return (
    <>
      {!mine && <Button variant="default" disabled={Boolean(why)} title={why} loading={take.isPending} onClick={() => take.mutate(undefined)}>Take it</Button>}
      {main && <Button disabled={Boolean(why)} title={why} onClick={() => setAsking(main)}>{label(main)}</Button>}
      <Menu position="bottom-end">
        <Menu.Target><Button variant="default" disabled={Boolean(why)} title={why}>More</Button></Menu.Target>
        <Menu.Dropdown>
          {rest.map((s) => <Menu.Item key={s} onClick={() => setAsking(s)}>{label(s)}</Menu.Item>)}
          <Menu.Item onClick={() => setAssigning(true)}>Assign…</Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <Ask state={asking} label={asking ? label(asking) : ""} busy={move.isPending} onClose={() => setAsking(undefined)} onGo={(note) => asking && move.mutate({ state: asking, note })} />
      {assigning && <Assign incident={i} onClose={() => setAssigning(false)} />}
    </>
  );
}

function Ask({ state, label, busy, onClose, onGo }: { state: string | undefined; label: string; busy: boolean; onClose: () => void; onGo: (note?: string) => void }) {
  const [note, setNote] = useState("");
  return (
    <Modal opened={Boolean(state)} onClose={onClose} title={label} closeButtonProps={{ "aria-label": "Close" }}>
      <form className="stack" onSubmit={(e) => { e.preventDefault(); onGo(note || undefined); setNote(""); }}>
        <Textarea label="Comment" description="Kept with the change" autosize minRows={2} data-autofocus value={note} onChange={(e) => setNote(e.currentTarget.value)} />
        <Button type="submit" loading={busy}>{label}</Button>
      </form>
    </Modal>
  );
}

function Assign({ incident: i, onClose }: { incident: Incident; onClose: () => void }) {
  const [team, setTeam] = useState(i.team ?? "");
  const [assignee, setAssignee] = useState(i.assignee ?? "");
  const save = useDo({ run: () => changeIncident(i.id, { team, assignee }), done: "Assigned", touches: ["incident", "ledger"], then: onClose });
  return (
    <Modal opened onClose={onClose} title={`Assign INC-${i.number}`} closeButtonProps={{ "aria-label": "Close" }}>
      <form className="stack" onSubmit={(e) => { e.preventDefault(); save.mutate(undefined); }}>
        <TextInput label="Team" data-autofocus value={team} onChange={(e) => setTeam(e.currentTarget.value)} />
        <TextInput label="Person" description="Name they sign in with" value={assignee} onChange={(e) => setAssignee(e.currentTarget.value)} />
        <Button type="submit" loading={save.isPending}>Assign</Button>
      </form>
    </Modal>
  );
}
