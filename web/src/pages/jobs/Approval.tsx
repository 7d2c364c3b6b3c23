import { Button, TextInput } from "@mantine/core";
import { useState } from "react";
import { decideStep } from "@/api/jobs";
import type { Run, Step } from "@/api/types";
import { useActions } from "@/app/actions";
import { useCan } from "@/app/session";
import { useDo } from "@/components/toast";
import { Mark } from "@/ui/Mark";
import classes from "./Approval.module.css";

/** A run that waits for a person says so on top of its page. */
export function Approval({ run, step }: { run: Run; step: Step }) {
  const can = useCan();
  const [note, setNote] = useState("");
  const decide = useDo({ run: (yes: boolean) => decideStep(run.id, step.id, yes, note || undefined), done: (_r, yes) => (yes ? "Approved" : "Rejected"), touches: ["run", "ledger"] });
  const why = can("approvals:act") ? undefined : "Your role may not approve runs";
  useActions([
    { id: `approve-${step.name}`, label: `Approve ${step.name}`, group: "Actions", disabled: why, run: () => decide.mutate(true) },
    { id: `reject-${step.name}`, label: `Reject ${step.name}`, group: "Actions", disabled: why, run: () => decide.mutate(false) },
  ]);
  return (
    <section className={classes.bar} aria-label={`Approval of ${step.name}`}>
      <Mark level="minor" size={18} />
      <div className="grow"><strong>{step.name} waits for an approval.</strong> {step.message && <span className="dim">{step.message}</span>}</div>
      <TextInput aria-label="Comment" placeholder="Comment (optional)" value={note} onChange={(e) => setNote(e.currentTarget.value)} />
      <Button disabled={Boolean(why)} title={why} loading={decide.isPending} onClick={() => decide.mutate(true)}>Approve</Button>
      <Button variant="default" disabled={Boolean(why)} title={why} onClick={() => decide.mutate(false)}>Reject</Button>
    </section>
  );
}
