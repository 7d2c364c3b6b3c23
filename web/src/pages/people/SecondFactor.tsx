import { Button, TextInput } from "@mantine/core";
import { useState } from "react";
import { beginTotp, confirmTotp, removeTotp } from "@/api/session";
import { ProblemView } from "@/components/ProblemView";
import { useDo } from "@/components/toast";
import { Panel } from "@/ui/Panel";

/** Setting up an authenticator: a secret, a first code, and the codes for the day it is lost. */
export function SecondFactor({ on }: { on: boolean }) {
  const [code, setCode] = useState("");
  const begin = useDo({ run: beginTotp, touches: [] });
  const confirm = useDo({ run: () => confirmTotp(code), done: "The second factor is on", touches: ["me"], then: () => setCode("") });
  const off = useDo({ run: () => removeTotp(code), done: "The second factor is off", touches: ["me"], then: () => setCode("") });
  const input = <TextInput label={on ? "Code, or a recovery code" : "First code"} inputMode="numeric" autoComplete="one-time-code" value={code} onChange={(e) => setCode(e.currentTarget.value.trim())} />;
  return (
    <Panel title="Second factor">
      <div className="stack">
        {confirm.data ? (
          <>
            <p>Keep these codes. Each signs in once if the authenticator is lost; they are shown only now.</p>
            <pre className="mono" style={{ margin: 0 }}>{(confirm.data.recoveryCodes ?? []).join("\n")}</pre>
          </>
        ) : on ? (
          <form className="stack" onSubmit={(e) => { e.preventDefault(); off.mutate(undefined); }}>
            <p>It is on: signing in asks for a code.</p>
            {input}
            {off.error && <ProblemView error={off.error} />}
            <Button type="submit" variant="default" disabled={!code} loading={off.isPending}>Switch it off</Button>
          </form>
        ) : begin.data ? (
          <form className="stack" onSubmit={(e) => { e.preventDefault(); confirm.mutate(undefined); }}>
            <p>Enter this secret in an authenticator app, or <a className="link" href={begin.data.uri}>open it on this device</a>.</p>
            <code className="mono" style={{ overflowWrap: "anywhere" }}>{begin.data.secret}</code>
            {input}
            {confirm.error && <ProblemView error={confirm.error} />}
            <Button type="submit" disabled={!code} loading={confirm.isPending}>Switch it on</Button>
          </form>
        ) : (
          <>
            <p className="dim">It is off. With it, a stolen password is not enough.</p>
            <Button variant="default" loading={begin.isPending} onClick={() => begin.mutate(undefined)}>Set it up</Button>
          </>
        )}
      </div>
    </Panel>
  );
}
