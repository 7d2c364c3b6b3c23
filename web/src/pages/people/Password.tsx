import { Button, PasswordInput } from "@mantine/core";
import { useState } from "react";
import { changePassword } from "@/api/session";
import { ProblemView } from "@/components/ProblemView";
import { useDo } from "@/components/toast";
import { Panel } from "@/ui/Panel";

export function Password() {
  const [current, setCurrent] = useState("");
  const [next, setNext] = useState("");
  const save = useDo({ run: () => changePassword(current, next), done: "The password was changed; you are signed out elsewhere", touches: ["session"], then: () => { setCurrent(""); setNext(""); } });
  return (
    <Panel title="Password">
      <form className="stack" onSubmit={(e) => { e.preventDefault(); save.mutate(undefined); }}>
        <PasswordInput label="Present password" autoComplete="current-password" value={current} onChange={(e) => setCurrent(e.currentTarget.value)} />
        <PasswordInput label="New password" description="At least 12 characters" autoComplete="new-password" value={next} onChange={(e) => setNext(e.currentTarget.value)} />
        {save.error && <ProblemView error={save.error} />}
        <Button type="submit" variant="default" disabled={!current || next.length < 12} loading={save.isPending}>Change</Button>
      </form>
    </Panel>
  );
}
