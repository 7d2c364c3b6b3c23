import { Button, PasswordInput, TextInput } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { Problem } from "@/api/client";
import { meQuery, providersQuery, signIn } from "@/api/session";
import { useUrl } from "@/app/url";
import { ProblemView } from "@/components/ProblemView";
import { Card } from "./Card";

/** Whether a failure asks for the second factor rather than refusing the first. */
const asksForCode = (e: unknown) => e instanceof Problem && (e.code.includes("totp") || e.fields.some((f) => /totp|code/.test(f.field)));

/** Only addresses of this console may follow a sign-in. */
export const inner = (next: string | undefined) => (next && /^\/(?![/\\])/.test(next) && !next.startsWith("/sign-in") ? next : "/");

export default function SignIn() {
  const [search] = useUrl();
  const client = useQueryClient();
  const navigate = useNavigate();
  const [name, setName] = useState("");
  const [password, setPassword] = useState("");
  const [code, setCode] = useState("");
  const [second, setSecond] = useState(false);
  const providers = useQuery(providersQuery);
  const enter = useMutation({
    mutationFn: () => signIn(name, password, second ? code : undefined),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: meQuery.queryKey });
      const to = new URL(inner(search.next), location.origin);
      await navigate({ to: to.pathname as "/", search: Object.fromEntries(to.searchParams), replace: true });
    },
    onError: (e) => { if (asksForCode(e) && !second) setSecond(true); },
  });
  const problem = enter.error && !(second && !code && asksForCode(enter.error)) ? enter.error : undefined;
  return (
    <Card title={second ? "Enter the code of your authenticator" : "Sign in"}>
      <form className="stack" onSubmit={(e) => { e.preventDefault(); enter.mutate(); }}>
        {!second && (
          <>
            <TextInput size="sm" label="Name" autoComplete="username" autoFocus required value={name} onChange={(e) => setName(e.currentTarget.value)} />
            <PasswordInput size="sm" label="Password" autoComplete="current-password" required value={password} onChange={(e) => setPassword(e.currentTarget.value)} />
          </>
        )}
        {second && <TextInput size="sm" label="Code" inputMode="numeric" autoComplete="one-time-code" autoFocus required maxLength={10} value={code} onChange={(e) => setCode(e.currentTarget.value.trim())} />}
        {problem && <ProblemView error={problem} />}
        <Button size="sm" type="submit" loading={enter.isPending}>{second ? "Confirm" : "Sign in"}</Button>
        {second && <Button size="sm" variant="subtle" onClick={() => { setSecond(false); setCode(""); enter.reset(); }}>Back</Button>}
        {!second && providers.data?.items.map((p) => (
          <Button key={p.id} size="sm" variant="default" component="a" href={p.url}>Sign in with {p.name}</Button>
        ))}
      </form>
    </Card>
  );
}
