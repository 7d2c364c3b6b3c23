import { Button, Drawer, MultiSelect, Select, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { changeTeam, deleteTeam, membersQuery, rolesQuery, setGrants, teamQuery, usersQuery } from "@/api/platform";
import type { Role, Team, User } from "@/api/types";
import { ConfirmButton } from "@/components/ConfirmButton";
import { ProblemView } from "@/components/ProblemView";
import { Show } from "@/components/Query";
import { useDo } from "@/components/toast";
import { Tag } from "@/ui/Badges";
import { access, fromProvider, reads, rolesIn, withRoles } from "./grants";
import classes from "./People.module.css";

export function TeamDrawer({ id, why, onClose }: { id: string | undefined; why?: string; onClose: () => void }) {
  const query = useQuery({ ...teamQuery(id ?? ""), enabled: Boolean(id) });
  return (
    <Drawer opened={Boolean(id)} onClose={onClose} position="right" size="40rem" title="Team" closeButtonProps={{ "aria-label": "Close" }}>
      {id && <Show query={query} missing="This team is not there (any more)">{(t) => <About key={t.changed} team={t} why={why} onClose={onClose} />}</Show>}
    </Drawer>
  );
}

function About({ team: t, why, onClose }: { team: Team; why?: string; onClose: () => void }) {
  const [name, setName] = useState(t.name);
  const [description, setDescription] = useState(t.description ?? "");
  const save = useDo({ run: () => changeTeam(t.id, { name, description: description || undefined }), done: `${name} was changed`, touches: ["team"] });
  const gone = useDo({ run: () => deleteTeam(t.id), done: `${t.name} was removed`, failed: "The team was not removed", touches: ["team", "user", "me"], then: onClose });
  const dirty = name !== t.name || description !== (t.description ?? "");
  return (
    <div className="stack">
      <h2>{t.name}</h2>
      <form className="stack" onSubmit={(e) => { e.preventDefault(); save.mutate(undefined); }}>
        <TextInput label="Name" required disabled={Boolean(why)} value={name} onChange={(e) => setName(e.currentTarget.value)} />
        <TextInput label="Description" disabled={Boolean(why)} value={description} onChange={(e) => setDescription(e.currentTarget.value)} />
        {save.error && <ProblemView error={save.error} />}
        <div className="row">
          <Button type="submit" disabled={Boolean(why) || !dirty || !name.trim()} title={why} loading={save.isPending}>Save</Button>
          <ConfirmButton question={<>Remove <strong>{t.name}</strong>? Its roles end, and its records are seen only by those with a role everywhere.</>} yes="Remove" why={why} loading={gone.isPending} onYes={() => gone.mutate(undefined)}>Remove the team</ConfirmButton>
        </div>
      </form>
      <section className={classes.part}><h3>Members <span className="dim">{t.members}</span></h3><Members team={t} why={why} /></section>
      <section className={classes.part}><h3>Who sees its records</h3><Seers team={t} /></section>
    </div>
  );
}

function Members({ team, why }: { team: Team; why?: string }) {
  const members = useQuery(membersQuery(team.id));
  const users = useQuery({ ...usersQuery, enabled: !why });
  const roles = useQuery(rolesQuery);
  const names = roles.data?.items.map((r) => r.name) ?? [];
  const save = useDo({ run: (a: { user: User; roles: string[] }) => setGrants(a.user, withRoles(a.user.grants ?? [], team.id, a.roles)), done: (_r, a) => (a.roles.length ? `${a.user.username} is ${a.roles.join(", ")} of ${team.name}` : `${a.user.username} left ${team.name}`), failed: "The roles were not changed", touches: ["user", "team", "me"] });
  return (
    <Show query={members} lines={2}>
      {(p) => {
        const free = (users.data?.items ?? []).filter((u) => !p.items.some((m) => m.id === u.id));
        return (
          <div className="stack" style={{ gap: "0.375rem" }}>
            {!p.items.length && <p className="dim">Nobody yet. Its records are seen by those with a role everywhere.</p>}
            {p.items.map((u) => (
              <div key={u.id} className={classes.grant}>
                <span className="cut" title={u.username}>{u.name || u.username}{!u.active && <> <Tag>disabled</Tag></>}</span>
                <MultiSelect aria-label={`Roles of ${u.username} in ${team.name}`} data={names} disabled={Boolean(why) || save.isPending} title={why ?? "Without a role they leave the team"}
                  value={rolesIn(u, team.id).filter((g) => !fromProvider(g)).map((g) => g.role)} onChange={(v) => save.mutate({ user: u, roles: v })} />
                {rolesIn(u, team.id).some(fromProvider) && <span className="dim">and from the provider: {rolesIn(u, team.id).filter(fromProvider).map((g) => g.role).join(", ")}</span>}
              </div>
            ))}
            {!why && free.length > 0 && <Select aria-label="Add a member" placeholder="Add a member as operator…" searchable value={null} data={free.map((u) => ({ value: u.id, label: u.name && u.name !== u.username ? `${u.name} (${u.username})` : u.username }))}
              onChange={(id) => { const user = free.find((u) => u.id === id); if (user) save.mutate({ user, roles: [names.includes("operator") ? "operator" : names[0] ?? "operator"] }); }} />}
          </div>
        );
      }}
    </Show>
  );
}

const looked = [["items", "items"], ["alerts", "alerts"], ["incidents", "incidents"], ["checks", "checks"]] as const;

/** Everyone who may read records of the team, and by what. */
function Seers({ team }: { team: Team }) {
  const users = useQuery(usersQuery);
  const roles = useQuery(rolesQuery);
  if (!users.data || !roles.data) return users.error ? <p className="dim">Your role may not see that.</p> : null;
  const rows = users.data.items.filter((u) => u.active).map((u) => ({ user: u, sees: seen(u, team.id, roles.data.items) })).filter((r) => r.sees.some(Boolean));
  if (!rows.length) return <p className="dim">Nobody.</p>;
  return (
    <table className={classes.rights} aria-label={`Who sees records of ${team.name}`}>
      <thead><tr><th scope="col">Who</th>{looked.map(([, l]) => <th key={l} scope="col">{l}</th>)}<th scope="col">by</th></tr></thead>
      <tbody>
        {rows.map(({ user: u, sees }) => (
          <tr key={u.id}>
            <th scope="row">{u.name || u.username}</th>
            {sees.map((s, i) => <td key={i}>{s ? <span aria-label="yes">✓</span> : <span className="dim" aria-label="no">·</span>}</td>)}
            <td>{[...rolesIn(u, "").map((g) => `${g.role} everywhere`), ...rolesIn(u, team.id).map((g) => `${g.role} here`)].join(", ")}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function seen(u: User, team: string, roles: readonly Role[]): boolean[] {
  const all = access(u.grants ?? [], roles);
  return looked.map(([resource]) => reads(all.get("") ?? [], resource) || reads(all.get(team) ?? [], resource));
}
