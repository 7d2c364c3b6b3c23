import { Button, Menu, Modal, Select, Textarea } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { assign, transition } from "@/api/desk";
import { teamsQuery, usersQuery } from "@/api/platform";
import type { Incident, IncidentMove } from "@/api/types";
import { useActions } from "@/app/actions";
import { useCan, useMe } from "@/app/session";
import { ProblemView } from "@/components/ProblemView";
import { useDo } from "@/components/toast";

type Action = IncidentMove["action"];

const verbs: Record<Action, { label: string; ask: string; needed?: boolean }> = {
  start: { label: "Start work", ask: "Comment" },
  hold: { label: "Put on hold", ask: "What it waits for", needed: true },
  resume: { label: "Resume", ask: "Comment" },
  resolve: { label: "Resolve", ask: "How it was resolved", needed: true },
  close: { label: "Close", ask: "Comment" },
  reopen: { label: "Reopen", ask: "Why it is not gone", needed: true },
};
/** The step most likely wanted, by what is possible. */
const order: Action[] = ["start", "resume", "resolve", "close", "reopen", "hold"];

/** What the state machine and the role allow next: the main step is a button, the rest a menu. */
export function StateActions({ incident: i }: { incident: Incident }) {
  const can = useCan();
  const me = useMe();
  const why = can("incidents:act") ? undefined : "Your role may not act on incidents";
  const [asking, setAsking] = useState<Action>();
  const [assigning, setAssigning] = useState(false);
  const take = useDo({ run: () => assign(i.id, { team: i.team, assignee: me!.id }), done: "It is yours", touches: ["incident", "ledger"] });
  const possible = i.actions ?? [];
  const next = order.filter((a) => possible.includes(a));
  const mine = Boolean(me) && i.assignee === me?.id;
  const assignable = possible.includes("assign");
  useActions([
    ...next.map((a) => ({ id: `incident-${a}`, label: `${verbs[a].label}: ${i.number}`, group: "Actions" as const, disabled: why, run: () => setAsking(a) })),
    { id: "incident-take", label: `Take ${i.number}`, group: "Actions", keys: "t", disabled: why ?? (mine ? "It is yours already" : assignable ? undefined : "It cannot be assigned in this state"), run: () => take.mutate(undefined) },
    { id: "incident-assign", label: `Assign ${i.number}`, group: "Actions", disabled: why ?? (assignable ? undefined : "It cannot be assigned in this state"), run: () => setAssigning(true) },
  ]);
  const [main, ...rest] = next;
  return (
    <>
      {!mine && assignable && <Button variant="default" disabled={Boolean(why)} title={why} loading={take.isPending} onClick={() => take.mutate(undefined)}>Take it</Button>}
      {main && <Button disabled={Boolean(why)} title={why} onClick={() => setAsking(main)}>{verbs[main].label}</Button>}
      {(rest.length > 0 || assignable) && (
        <Menu position="bottom-end">
          <Menu.Target><Button variant="default" disabled={Boolean(why)} title={why}>More</Button></Menu.Target>
          <Menu.Dropdown>
            {rest.map((a) => <Menu.Item key={a} onClick={() => setAsking(a)}>{verbs[a].label}…</Menu.Item>)}
            {assignable && <Menu.Item onClick={() => setAssigning(true)}>Assign…</Menu.Item>}
          </Menu.Dropdown>
        </Menu>
      )}
      {asking && <Ask incident={i} action={asking} onClose={() => setAsking(undefined)} />}
      {assigning && <Assign incident={i} onClose={() => setAssigning(false)} />}
    </>
  );
}

function Ask({ incident: i, action, onClose }: { incident: Incident; action: Action; onClose: () => void }) {
  const { label, ask, needed } = verbs[action];
  const [reason, setReason] = useState("");
  const move = useDo({ run: () => transition(i.id, { action, reason: reason.trim() || undefined }), done: `${i.number}: ${label.toLowerCase()}`, touches: ["incident", "ledger"], then: onClose });
  return (
    <Modal opened onClose={onClose} title={`${label}: ${i.number}`} closeButtonProps={{ "aria-label": "Close" }}>
      <form className="stack" onSubmit={(e) => { e.preventDefault(); move.mutate(undefined); }}>
        <Textarea label={ask} required={needed} autosize minRows={2} data-autofocus value={reason} onChange={(e) => setReason(e.currentTarget.value)} />
        {move.error && <ProblemView error={move.error} />}
        <Button type="submit" loading={move.isPending} disabled={needed && !reason.trim()}>{label}</Button>
      </form>
    </Modal>
  );
}

function Assign({ incident: i, onClose }: { incident: Incident; onClose: () => void }) {
  const can = useCan();
  const me = useMe();
  const teams = useQuery(teamsQuery);
  const users = useQuery({ ...usersQuery, enabled: can("users:read") });
  const [team, setTeam] = useState<string | null>(i.team ?? null);
  const [assignee, setAssignee] = useState<string | null>(i.assignee ?? null);
  const save = useDo({ run: () => assign(i.id, { team: team ?? undefined, assignee: assignee ?? undefined }), done: "Assigned", touches: ["incident", "ledger"], then: onClose });
  const people = users.data?.items.filter((u) => u.kind === "user" && u.active) ?? (me ? [me] : []);
  return (
    <Modal opened onClose={onClose} title={`Assign ${i.number}`} closeButtonProps={{ "aria-label": "Close" }}>
      <form className="stack" onSubmit={(e) => { e.preventDefault(); save.mutate(undefined); }}>
        <Select label="Team" clearable searchable data={(teams.data?.items ?? []).map((t) => ({ value: t.id, label: t.name }))} value={team} onChange={setTeam} />
        <Select label="Person" clearable searchable data={people.map((u) => ({ value: u.id, label: u.name || u.username }))} value={assignee} onChange={setAssignee} />
        {save.error && <ProblemView error={save.error} />}
        <Button type="submit" loading={save.isPending}>Assign</Button>
      </form>
    </Modal>
  );
}
