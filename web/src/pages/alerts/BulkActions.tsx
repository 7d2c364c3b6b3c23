import { Button } from "@mantine/core";
import { useState } from "react";
import { doToAlerts, actOnAlerts, type AlertAction, type Deed } from "@/api/events";
import { DeedForm, type Asked } from "./DeedForm";
import type { Alert, AlertOutcome } from "@/api/types";
import { useActions } from "@/app/actions";
import { useCan } from "@/app/session";
import { failed, told, useDo } from "@/components/toast";
import { plural } from "@/format/number";

const past: Record<string, string> = { acknowledge: "acknowledged", unacknowledge: "no longer acknowledged", clear: "cleared", comment: "commented", assign: "assigned", snooze: "snoozed", suppress: "suppressed", release: "awake", link: "linked" };

/** What came of an action on several alerts, as one sentence; those it was not done to are counted with the first reason. */
export function outcome(action: AlertAction, results: AlertOutcome[]): { text: string; ok: boolean } {
  const refused = results.filter((r) => !r.done);
  const done = results.length - refused.length;
  const text = `${plural(done, "alert")} ${past[action]}`;
  return refused.length ? { text: `${text}; ${refused.length} not: ${refused[0]!.error}`, ok: done > 0 } : { text, ok: true };
}

/** What the keys would do, said before anything is selected. */
export function NothingSelected() {
  const none = "Select alerts first, with x";
  useActions([["bulk-ack", "Acknowledge the selected alerts", "a"], ["bulk-clear", "Clear the selected alerts", "c"], ["bulk-snooze", "Snooze the selected alerts", "s"], ["bulk-silence", "Silence what is selected", "m"]]
    .map(([id, label, keys]) => ({ id: id!, label: label!, group: "Actions" as const, keys, disabled: none, run: () => undefined })));
  return null;
}

/** One thing done to all selected alerts. */
export function BulkActions({ alerts, done, onSilence }: { alerts: Alert[]; done: () => void; onSilence: () => void }) {
  const can = useCan();
  const why = can("alerts:act") ? undefined : "Your role may not act on alerts";
  const [asking, setAsking] = useState<Asked>();
  const unack = useDo({ run: (ids: string[]) => actOnAlerts("unacknowledge", ids), done: "As it was before", touches: ["alert", "situation", "ledger"] });
  const act = useDo({
    run: (a: Deed) => doToAlerts(a, alerts.map((x) => x.id)), touches: ["alert", "situation", "ledger"],
    then: (results, a) => {
      const said = outcome(a.action, results);
      const changed = results.filter((r) => r.done).map((r) => r.id).filter((id) => alerts.find((x) => x.id === id)?.state === "open");
      if (said.ok) told(said.text, a.action === "acknowledge" && changed.length ? () => unack.mutate(changed) : undefined);
      else failed("Nothing was changed", said.text);
      setAsking(undefined);
      if (said.ok) done();
    },
  });
  useActions([
    { id: "bulk-ack", label: `Acknowledge ${plural(alerts.length, "selected alert")}`, group: "Actions", keys: "a", disabled: why, run: () => act.mutate({ action: "acknowledge" }) },
    { id: "bulk-clear", label: `Clear ${plural(alerts.length, "selected alert")}`, group: "Actions", keys: "c", disabled: why, run: () => setAsking("clear") },
    { id: "bulk-comment", label: `Comment on ${plural(alerts.length, "selected alert")}`, group: "Actions", disabled: why, run: () => setAsking("comment") },
    { id: "bulk-snooze", label: `Snooze ${plural(alerts.length, "selected alert")}`, group: "Actions", keys: "s", disabled: why, run: () => setAsking("snooze") },
    { id: "bulk-suppress", label: `Suppress ${plural(alerts.length, "selected alert")}`, group: "Actions", disabled: why, run: () => setAsking("suppress") },
    { id: "bulk-assign", label: `Assign ${plural(alerts.length, "selected alert")}`, group: "Actions", disabled: why, run: () => setAsking("assign") },
    { id: "bulk-link", label: `Link ${plural(alerts.length, "selected alert")}`, group: "Actions", disabled: why, run: () => setAsking("link") },
    { id: "bulk-silence", label: "Silence what is selected", group: "Actions", keys: "m", disabled: why, run: onSilence },
  ]);
  return (
    <>
      <Button size="compact-sm" disabled={Boolean(why)} title={why} loading={act.isPending && !asking} onClick={() => act.mutate({ action: "acknowledge" })}>Acknowledge</Button>
      <Button size="compact-sm" variant="default" disabled={Boolean(why)} title={why} onClick={() => setAsking("snooze")}>Snooze…</Button>
      <Button size="compact-sm" variant="default" disabled={Boolean(why)} title={why} onClick={() => setAsking("assign")}>Assign…</Button>
      <Button size="compact-sm" variant="default" disabled={Boolean(why)} title={why} onClick={() => setAsking("clear")}>Clear…</Button>
      <Button size="compact-sm" variant="default" disabled={Boolean(why)} title={why} onClick={() => setAsking("comment")}>Comment…</Button>
      <Button size="compact-sm" variant="default" disabled={Boolean(why)} title={why} onClick={onSilence}>Silence…</Button>
      {asking && <DeedForm asked={asking} n={alerts.length} busy={act.isPending} onClose={() => setAsking(undefined)} onGo={(deed) => act.mutate(deed)} />}
    </>
  );
}
