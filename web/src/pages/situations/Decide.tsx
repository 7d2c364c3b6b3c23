import { Button, Menu, Modal } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { acknowledgeSituation, closeSituation, mergeSituations, moveAlerts, readAlert, reopenSituation } from "@/api/events";
import type { Situation, SituationDetail } from "@/api/types";
import { useActions } from "@/app/actions";
import { useCan } from "@/app/session";
import { Confirm } from "@/components/Confirm";
import { SituationPicker } from "@/components/SituationPicker";
import { told, useDo } from "@/components/toast";
import { plural } from "@/format/number";
import { Segments } from "@/ui/Segments";

export const touches = ["situation", "alert", "incident", "ledger"];
export const mayNot = "Your role may not act on situations";

/** What a person may decide about the whole situation. */
export function Decide({ situation: s }: { situation: SituationDetail }) {
  const can = useCan();
  const why = can("situations:act") ? undefined : mayNot;
  const [asking, setAsking] = useState<"merge" | "close" | "reopen">();
  const ack = useDo({ run: () => acknowledgeSituation(s.id), done: "Acknowledged, with its alerts", touches });
  const open = s.state === "open";
  const free = open && !s.acknowledged;
  useActions(open ? [
    ...(free ? [{ id: "situation-ack", label: "Acknowledge this situation", group: "Actions" as const, keys: "a", disabled: why, run: () => ack.mutate(undefined) }] : []),
    { id: "situation-merge", label: "Merge with another situation", group: "Actions", keys: "m", disabled: why, run: () => setAsking("merge") },
    { id: "situation-close", label: "Close this situation", group: "Actions", keys: "e", disabled: why, run: () => setAsking("close") },
  ] : s.state === "closed" ? [
    { id: "situation-reopen", label: "Open this situation again", group: "Actions", keys: "o", disabled: why, run: () => setAsking("reopen") },
  ] : []);
  if (s.state === "closed") {
    return (
      <>
        <Button variant="default" disabled={Boolean(why)} title={why} onClick={() => setAsking("reopen")}>Open again…</Button>
        {asking === "reopen" && (
          <Confirm title="Open this situation again" action="Open it again" note="Why (kept in its history)" touches={touches} done="The situation is open again" run={(note) => reopenSituation(s.id, note)} onClose={() => setAsking(undefined)}>
            <p>It stays open although nothing fails, until somebody closes it.</p>
            <p className="dim">When something fails in it again, it closes by itself once that has cleared.</p>
          </Confirm>
        )}
      </>
    );
  }
  if (!open) return null;
  return (
    <>
      {free && <Button disabled={Boolean(why)} title={why} loading={ack.isPending} onClick={() => ack.mutate(undefined)}>Acknowledge</Button>}
      <Menu position="bottom-end">
        <Menu.Target><Button variant="default" disabled={Boolean(why)} title={why}>More</Button></Menu.Target>
        <Menu.Dropdown>
          <Menu.Item onClick={() => setAsking("merge")}>Merge with another…</Menu.Item>
          <Menu.Item onClick={() => setAsking("close")}>Close…</Menu.Item>
        </Menu.Dropdown>
      </Menu>
      {asking === "merge" && <Merge situation={s} onClose={() => setAsking(undefined)} />}
      {asking === "close" && (
        <Confirm title="Close this situation" action="Close it" note="Why (kept in its history)" touches={touches} done="The situation is closed" run={(note) => closeSituation(s.id, note)} onClose={() => setAsking(undefined)}>
          <p>{s.activeAlerts ? `Its ${plural(s.activeAlerts, "active alert")} ${s.activeAlerts === 1 ? "is" : "are"} cleared, and its incident is resolved.` : "Its incident is resolved."}</p>
          <p className="dim">A cause that is measured again opens it again; nothing stops being measured.</p>
        </Confirm>
      )}
    </>
  );
}

/** Two situations become one. Which of them stays is said, because links to it stay good. */
function Merge({ situation: s, onClose }: { situation: SituationDetail; onClose: () => void }) {
  const navigate = useNavigate();
  const [other, setOther] = useState<Situation>();
  const [stays, setStays] = useState<"this" | "other">("this");
  const [into, from] = stays === "this" || !other ? [s, other] : [other, s];
  const go = useDo({
    run: () => mergeSituations(into.id, [from!.id]), touches,
    then: () => {
      onClose();
      told("The situations are one");
      if (into.id !== s.id) void navigate({ to: "/situations/$id", params: { id: into.id } });
    },
  });
  return (
    <Modal opened onClose={onClose} title="Merge with another situation" closeButtonProps={{ "aria-label": "Close" }}>
      <form className="stack" onSubmit={(e) => { e.preventDefault(); if (from) go.mutate(undefined); }}>
        <SituationPicker label="The other situation" value={other} onChange={setOther} without={s.id} />
        {other && from && (
          <>
            <Segments aria-label="Which one stays" value={stays} onChange={setStays} data={[{ value: "this", label: "This one stays" }, { value: "other", label: "The other stays" }]} />
            <div>
              <p>{plural(from.alerts, "alert")} of “{from.title}” {from.alerts === 1 ? "becomes" : "become"} part of “{into.title}”, and the root cause is judged anew over all of them.</p>
              <p className="dim">“{from.title}” ends and leads here. A merge is not taken back in one step: alerts can be moved out again.</p>
            </div>
          </>
        )}
        <Button type="submit" disabled={!from} loading={go.isPending}>Merge</Button>
      </form>
    </Modal>
  );
}

/** Alerts that belong elsewhere: to another open situation, or to one of their own. */
export function MoveAlerts({ situation: s, alerts, onClose, onDone }: { situation: SituationDetail; alerts: string[]; onClose: () => void; onDone: () => void }) {
  const [where, setWhere] = useState<"new" | "other">("new");
  const [other, setOther] = useState<Situation>();
  const all = alerts.length === s.members.length;
  const back = useDo({ run: (from: string) => moveAlerts(from, alerts, s.id), done: "They are back", touches });
  const go = useDo({
    run: async () => {
      const before = await moveAlerts(s.id, alerts, where === "other" ? other!.id : undefined);
      return { before, to: where === "other" ? other!.id : (await readAlert(alerts[0]!)).situation };
    },
    done: `${plural(alerts.length, "alert was", "alerts were")} moved`, touches, failed: "They were not moved",
    then: () => { onClose(); onDone(); },
    undo: (r) => (r.before.state === "open" && r.to ? () => back.mutate(r.to!) : undefined),
  });
  return (
    <Modal opened onClose={onClose} title={`Move ${plural(alerts.length, "alert")}`} closeButtonProps={{ "aria-label": "Close" }}>
      <form className="stack" onSubmit={(e) => { e.preventDefault(); go.mutate(undefined); }}>
        <Segments aria-label="Where to" value={where} onChange={setWhere} data={[{ value: "new", label: "A new situation" }, { value: "other", label: "An open situation" }]} />
        {where === "other" && <SituationPicker label="Situation" value={other} onChange={setOther} without={s.id} />}
        <p>{all ? "No alert stays here, so this situation closes. " : ""}{where === "new" ? "A situation of their own is opened, with its own incident when it is severe enough." : "They become part of it, and its root cause is judged anew."} <span className="dim">They stay where you put them.</span></p>
        <Button type="submit" data-autofocus disabled={where === "other" && !other} loading={go.isPending}>Move</Button>
      </form>
    </Modal>
  );
}
