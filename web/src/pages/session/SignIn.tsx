import { Button, PasswordInput, TextInput } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { Problem } from "@/api/client";
import { entranceQuery, meQuery, signIn } from "@/api/session";
import { useUrl } from "@/app/url";
import { ProblemView } from "@/components/ProblemView";
import { Card } from "./Card";
import { inner } from "./inner";

/** A failure that names the code asks for the second factor rather than refusing the first. */
const asksForCode = (e: unknown) => e instanceof Problem && e.fields.some((f) => /(^|\.)code$/.test(f.field));

export default function SignIn() {
  const [search] = useUrl();
  const client = useQueryClient();
  const navigate = useNavigate();
  const [name, setName] = useState("");
  const [password, setPassword] = useState("");
  const [code, setCode] = useState("");
  const [second, setSecond] = useState(false);
  const entrance = useQuery(entranceQuery);
  const enter = useMutation({
    mutationFn: () => signIn(name, password, second ? code : undefined),
    onSuccess: async () => {
      await client.fetchQuery({ ...meQuery, staleTime: 0 });
      const to = new URL(inner(search.next), location.origin);
      await navigate({ href: to.pathname + to.search, replace: true });
    },
    onError: (e) => { if (asksForCode(e)) setSecond(true); },
  });
  const asked = enter.error && asksForCode(enter.error) && !code;
  return (
    <Card title={second ? "Enter the code of your authenticator, or a recovery code" : "Sign in"}>
      <form className="stack" onSubmit={(e) => { e.preventDefault(); enter.mutate(); }}>
        {!second && (
          <>
            <TextInput size="sm" label="Name" name="username" autoComplete="username" autoFocus required value={name} onChange={(e) => setName(e.currentTarget.value)} />
            <PasswordInput size="sm" label="Password" name="password" autoComplete="current-password" required value={password} onChange={(e) => setPassword(e.currentTarget.value)} />
          </>
        )}
        {second && <TextInput size="sm" label="Code" inputMode="numeric" autoComplete="one-time-code" autoFocus required maxLength={64} value={code} onChange={(e) => setCode(e.currentTarget.value.trim())} />}
        {enter.error && !asked && <ProblemView error={enter.error} title="You are not signed in" />}
        {search.error && !enter.error && <ProblemView error={new Error(search.error)} title="You are not signed in" />}
        <Button size="sm" type="submit" loading={enter.isPending}>{second ? "Confirm" : "Sign in"}</Button>
        {second && <Button size="sm" variant="subtle" onClick={() => { setSecond(false); setCode(""); enter.reset(); }}>Back</Button>}
        {!second && entrance.data?.oidc && <Button size="sm" variant="default" component="a" href={`/api/v1/oidc/login?return=${encodeURIComponent(inner(search.next))}`}>{entrance.data.oidc}</Button>}
      </form>
      {entrance.data?.setup && <p className="dim">No administrator exists yet: open the one-time link that Mainstay printed when it started.</p>}
    </Card>
  );
}
