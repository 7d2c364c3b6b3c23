import { Button, Modal, PasswordInput, Select, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { createUser, rolesQuery, teamsQuery } from "@/api/platform";
import { ProblemView } from "@/components/ProblemView";
import { useDo } from "@/components/toast";
import { Segments } from "@/ui/Segments";

export function NewUser({ onClose }: { onClose: () => void }) {
  const roles = useQuery(rolesQuery);
  const [name, setName] = useState("");
  const [displayName, setDisplayName] = useState("");
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const [role, setRole] = useState<string | null>("operator");
  const [team, setTeam] = useState<string | null>(null);
  const [kind, setKind] = useState<"user" | "service">("user");
  const teams = useQuery(teamsQuery);
  const person = kind === "user";
  const save = useDo({ run: () => createUser({ kind, username: name, name: displayName || undefined, email: email || undefined, ...(person ? { password } : {}), grants: role ? [{ role, ...(team ? { team } : {}) }] : [] }), done: `${name} was added`, touches: ["user"], then: onClose });
  return (
    <Modal opened onClose={onClose} title="Add a user" closeButtonProps={{ "aria-label": "Close" }}>
      <form className="stack" onSubmit={(e) => { e.preventDefault(); save.mutate(undefined); }}>
        <Segments aria-label="Kind" value={kind} onChange={setKind} data={[{ value: "user", label: "A person" }, { value: "service", label: "A service" }]} />
        {!person && <p className="dim">A service is a program: it has API tokens and no password.</p>}
        <TextInput label="Name" description={person ? "To sign in with" : undefined} required data-autofocus autoComplete="off" value={name} onChange={(e) => setName(e.currentTarget.value)} />
        <TextInput label={person ? "Person" : "What it is"} value={displayName} onChange={(e) => setDisplayName(e.currentTarget.value)} />
        {person && <TextInput label="E-mail" type="email" value={email} onChange={(e) => setEmail(e.currentTarget.value)} />}
        {person && <PasswordInput label="First password" description="At least 12 characters" required autoComplete="new-password" value={password} onChange={(e) => setPassword(e.currentTarget.value)} />}
        <Select label="Role" data={roles.data?.items.map((r) => r.name) ?? ["administrator", "manager", "operator", "requester", "auditor"]} value={role} onChange={setRole} />
        <Select label="For" placeholder="All records" clearable data={(teams.data?.items ?? []).map((t) => ({ value: t.id, label: `Records of ${t.name}` }))} value={team} onChange={setTeam} />
        {save.error && <ProblemView error={save.error} />}
        <Button type="submit" loading={save.isPending} disabled={!name || (person && password.length < 12)}>Add</Button>
      </form>
    </Modal>
  );
}
