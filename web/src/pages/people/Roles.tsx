import { Button, Modal, TagsInput, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { deleteRole, putRole, rolesQuery } from "@/api/platform";
import type { Role } from "@/api/types";
import { ConfirmButton } from "@/components/ConfirmButton";
import { ProblemView } from "@/components/ProblemView";
import { Show } from "@/components/Query";
import { useDo } from "@/components/toast";
import { Tag } from "@/ui/Badges";
import { Panel } from "@/ui/Panel";
import { RightTable } from "./Access";
import { rights } from "./grants";
import classes from "./People.module.css";

/** The roles and what each allows; those that came with the program cannot be changed. */
export function Roles({ why }: { why?: string }) {
  const query = useQuery(rolesQuery);
  const [editing, setEditing] = useState<Role>();
  const gone = useDo({ run: (r: Role) => deleteRole(r.name), done: (_x, r) => `${r.name} was removed`, failed: "The role was not removed", touches: ["role"] });
  return (
    <div className={classes.roles}>
      <Show query={query}>
        {(p) => p.items.map((r) => (
          <Panel key={r.name} title={r.name} actions={r.builtin ? <Tag>built in</Tag> : <>
            <Button size="compact-xs" variant="default" disabled={Boolean(why)} title={why} onClick={() => setEditing(r)}>Edit</Button>
            <ConfirmButton size="compact-xs" question={`Remove the role ${r.name}? That is refused while somebody has it.`} yes="Remove" why={why} onYes={() => gone.mutate(r)}>Remove</ConfirmButton></>}>
            {r.description && <p className="dim" style={{ marginBottom: "0.375rem" }}>{r.description}</p>}
            <RightTable rights={rights(r.permissions ?? [])} label={`Rights of ${r.name}`} />
          </Panel>
        ))}
      </Show>
      {editing && <RoleEditor role={editing} onClose={() => setEditing(undefined)} />}
    </div>
  );
}

export function RoleEditor({ role, onClose }: { role?: Role; onClose: () => void }) {
  const roles = useQuery(rolesQuery);
  const [name, setName] = useState(role?.name ?? "");
  const [description, setDescription] = useState(role?.description ?? "");
  const [permissions, setPermissions] = useState<string[]>(role?.permissions ?? []);
  const known = [...new Set((roles.data?.items ?? []).flatMap((r) => r.permissions ?? []))].sort();
  const taken = !role && roles.data?.items.some((r) => r.name === name) ? "There is a role of this name" : undefined;
  const save = useDo({ run: () => putRole(name, { description: description || undefined, permissions }), done: `${name} was saved`, touches: ["role", "me"], then: onClose });
  return (
    <Modal opened onClose={onClose} title={role ? `Role ${role.name}` : "Add a role"} closeButtonProps={{ "aria-label": "Close" }}>
      <form className="stack" onSubmit={(e) => { e.preventDefault(); save.mutate(undefined); }}>
        <TextInput label="Name" description="a-z, 0-9 and -" required disabled={Boolean(role)} data-autofocus={!role} value={name} error={taken} onChange={(e) => setName(e.currentTarget.value)} />
        <TextInput label="Description" value={description} onChange={(e) => setDescription(e.currentTarget.value)} />
        <TagsInput size="xs" label="May do" description="kind:verb; verbs are read, write, act, approve and admin, and * stands for all" data={known} value={permissions} onChange={setPermissions} acceptValueOnBlur />
        <RightTable rights={rights(permissions)} label="Rights of this role" />
        {save.error && <ProblemView error={save.error} />}
        <Button type="submit" loading={save.isPending} disabled={!name || !permissions.length || Boolean(taken)}>Save</Button>
      </form>
    </Modal>
  );
}
