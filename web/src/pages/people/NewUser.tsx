import { Button, Modal, PasswordInput, Select, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { createUser, rolesQuery } from "@/api/platform";
import { ProblemView } from "@/components/ProblemView";
import { useDo } from "@/components/toast";

export function NewUser({ onClose }: { onClose: () => void }) {
  const roles = useQuery(rolesQuery);
  const [name, setName] = useState("");
  const [displayName, setDisplayName] = useState("");
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const [role, setRole] = useState<string | null>("operator");
  const save = useDo({ run: () => createUser({ username: name, name: displayName || undefined, email: email || undefined, password, grants: role ? [{ role }] : [] }), done: `${name} was added`, touches: ["user"], then: onClose });
  return (
    <Modal opened onClose={onClose} title="Add a user" closeButtonProps={{ "aria-label": "Close" }}>
      <form className="stack" onSubmit={(e) => { e.preventDefault(); save.mutate(undefined); }}>
        <TextInput label="Name" description="To sign in with" required data-autofocus autoComplete="off" value={name} onChange={(e) => setName(e.currentTarget.value)} />
        <TextInput label="Person" value={displayName} onChange={(e) => setDisplayName(e.currentTarget.value)} />
        <TextInput label="E-mail" type="email" value={email} onChange={(e) => setEmail(e.currentTarget.value)} />
        <PasswordInput label="First password" description="At least 12 characters" required autoComplete="new-password" value={password} onChange={(e) => setPassword(e.currentTarget.value)} />
        <Select label="Role" data={roles.data?.items.map((r) => r.name) ?? ["administrator", "manager", "operator", "requester", "auditor"]} value={role} onChange={setRole} />
        {save.error && <ProblemView error={save.error} />}
        <Button type="submit" loading={save.isPending} disabled={!name || password.length < 12}>Add</Button>
      </form>
    </Modal>
  );
}
