import { Button, PasswordInput, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { meQuery, setUp } from "@/api/session";
import { ProblemView } from "@/components/ProblemView";
import { Empty } from "@/ui/Empty";
import { Card } from "./Card";

const shortest = 12;

/** The first administrator of a new installation. */
export default function SetUp() {
  // The token stands behind the #, so that it reaches no log of a server or a proxy.
  const [token] = useState(() => new URLSearchParams(location.hash.slice(1)).get("token") ?? "");
  const client = useQueryClient();
  const navigate = useNavigate();
  const [name, setName] = useState("admin");
  const [password, setPassword] = useState("");
  const [again, setAgain] = useState("");
  const create = useMutation({
    mutationFn: () => setUp(token, name, password), // it signs in as well
    onSuccess: async () => {
      await client.fetchQuery({ ...meQuery, staleTime: 0 });
      await navigate({ to: "/", replace: true });
    },
  });
  const short = password !== "" && password.length < shortest ? `At least ${shortest} characters` : undefined;
  const differs = again !== "" && again !== password ? "The passwords differ" : undefined;
  if (!token) {
    return (
      <Card title="Set up Mainstay">
        <Empty title="The link is not complete" action={<Link to="/login" className="link">Sign in instead</Link>}>Open the one-time link that Mainstay printed when it started.</Empty>
      </Card>
    );
  }
  return (
    <Card title="Set up the first administrator">
      <form className="stack" onSubmit={(e) => { e.preventDefault(); create.mutate(); }}>
        <TextInput size="sm" label="Name" autoComplete="username" required value={name} onChange={(e) => setName(e.currentTarget.value)} />
        <PasswordInput size="sm" label="Password" description={`At least ${shortest} characters; a few words are fine`} autoComplete="new-password" autoFocus required value={password} error={short} onChange={(e) => setPassword(e.currentTarget.value)} />
        <PasswordInput size="sm" label="Password again" autoComplete="new-password" required value={again} error={differs} onChange={(e) => setAgain(e.currentTarget.value)} />
        {create.error && <ProblemView error={create.error} />}
        <Button size="sm" type="submit" loading={create.isPending} disabled={!password || Boolean(short) || password !== again}>Create and sign in</Button>
      </form>
    </Card>
  );
}
