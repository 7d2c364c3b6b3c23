import { Button, Drawer, Modal, MultiSelect, PasswordInput, Select } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { changeUser, deleteUser, endUserSession, rolesQuery, setGrants, teamsQuery, userQuery, userSessionsQuery } from "@/api/platform";
import type { User, UserChange } from "@/api/types";
import { useCan, useMe } from "@/app/session";
import { ConfirmButton } from "@/components/ConfirmButton";
import { TeamName } from "@/components/Names";
import { ProblemView } from "@/components/ProblemView";
import { Show } from "@/components/Query";
import { RefLink } from "@/components/RefLink";
import { useDo } from "@/components/toast";
import { agentName } from "@/format/agent";
import { StateBadge, Tag } from "@/ui/Badges";
import { Facts } from "@/ui/Panel";
import { At, TimeAgo } from "@/ui/TimeAgo";
import { Access } from "./Access";
import { fromProvider, rolesIn, withRoles } from "./grants";
import classes from "./People.module.css";

export function UserDrawer({ id, why, onClose }: { id: string | undefined; why?: string; onClose: () => void }) {
  const query = useQuery({ ...userQuery(id ?? ""), enabled: Boolean(id) });
  return (
    <Drawer opened={Boolean(id)} onClose={onClose} position="right" size="40rem" title="User" closeButtonProps={{ "aria-label": "Close" }}>
      {id && <Show query={query} missing="This user is not there (any more)">{(u) => <About user={u} why={why} onClose={onClose} />}</Show>}
    </Drawer>
  );
}

function About({ user: u, why, onClose }: { user: User; why?: string; onClose: () => void }) {
  const me = useMe();
  const [password, setPassword] = useState(false);
  const touches = ["user", "team", "session", "token", "me"];
  const change = useDo({ run: (c: UserChange) => changeUser(u.id, c), done: `${u.username} was changed`, failed: "The user was not changed", touches });
  const gone = useDo({ run: () => deleteUser(u.id), done: `${u.username} was removed`, failed: "The user was not removed", touches, then: onClose });
  const self = me?.id === u.id;
  const service = u.kind === "service";
  return (
    <div className="stack">
      <div><h2>{u.name || u.username}</h2><div className="row wrap"><StateBadge state={u.active ? "enabled" : "disabled"} soft />{service && <Tag>service</Tag>}{u.external && <Tag>signs in through the provider</Tag>}{self && <Tag>you</Tag>}</div></div>
      <Facts wide rows={[
        ["Signs in as", u.username], ["E-mail", u.email],
        !service && ["Second factor", u.totp ? "on" : <span className="dim">off</span>],
        ["Last sign-in", u.signedIn ? <><At at={u.signedIn} /> <span className="dim">(<TimeAgo at={u.signedIn} />)</span></> : "never"],
        ["Made", <At at={u.created} />],
      ]} />
      <div className="row wrap">
        {u.active
          ? <ConfirmButton question={`${u.username} is signed out everywhere and cannot sign in; tokens are refused.`} yes="Disable" why={why ?? (self ? "You cannot disable yourself" : undefined)} loading={change.isPending} onYes={() => change.mutate({ active: false })}>Disable</ConfirmButton>
          : <Button variant="default" disabled={Boolean(why)} title={why} onClick={() => change.mutate({ active: true })}>Enable</Button>}
        {!service && !u.external && <Button variant="default" disabled={Boolean(why)} title={why} onClick={() => setPassword(true)}>Set a new password</Button>}
        {u.totp && <ConfirmButton question="The authenticator no longer counts: a password alone signs in until a new one is set up." yes="Remove it" why={why} onYes={() => change.mutate({ resetTOTP: true })}>Remove the second factor</ConfirmButton>}
        <ConfirmButton question={<>Remove <strong>{u.username}</strong> with all sessions and tokens? What they did stays in the audit.</>} yes="Remove" why={why ?? (self ? "You cannot remove yourself" : undefined)} loading={gone.isPending} onYes={() => gone.mutate(undefined)}>Remove</ConfirmButton>
      </div>
      <section className={classes.part}><h3>Roles</h3><Roles user={u} why={why} /></section>
      {!service && <section className={classes.part}><h3>Signed in at</h3><Sessions id={u.id} /></section>}
      <section className={classes.part}><h3>What that allows</h3><Access grants={u.grants ?? []} /></section>
      <p><RefLink kind="actor" id={u.id}>What {self ? "you" : u.username} did, in the audit</RefLink></p>
      {password && <NewPassword user={u} onClose={() => setPassword(false)} />}
    </div>
  );
}

/** The roles everywhere and of each team, each changed in place. */
function Roles({ user: u, why }: { user: User; why?: string }) {
  const roles = useQuery(rolesQuery);
  const teams = useQuery(teamsQuery);
  const save = useDo({ run: (a: { team: string; roles: string[] }) => setGrants(u, withRoles(u.grants ?? [], a.team, a.roles)), done: "The roles were changed", failed: "The roles were not changed", touches: ["user", "team", "me"] });
  const names = roles.data?.items.map((r) => r.name) ?? [];
  const known = [...new Set((u.grants ?? []).map((g) => g.team ?? "").filter(Boolean))];
  const free = (teams.data?.items ?? []).filter((t) => !known.includes(t.id));
  const line = (team: string) => (
    <div key={team} className={classes.grant}>
      <span className="cut">{team ? <>of <TeamName id={team} /></> : "everywhere"}</span>
      <MultiSelect aria-label={team ? "Roles in this team" : "Roles everywhere"} data={names} disabled={Boolean(why) || save.isPending} title={why} placeholder={rolesIn(u, team).length ? undefined : "none"}
        value={rolesIn(u, team).filter((g) => !fromProvider(g)).map((g) => g.role)} onChange={(v) => save.mutate({ team, roles: v })} />
      {rolesIn(u, team).some(fromProvider) && <span className="dim">and from the provider: {rolesIn(u, team).filter(fromProvider).map((g) => g.role).join(", ")}</span>}
    </div>
  );
  return (
    <div className="stack" style={{ gap: "0.375rem" }}>
      {line("")}
      {known.map(line)}
      {free.length > 0 && !why && (
        <Select aria-label="Add to a team" placeholder="Add to a team as operator…" searchable value={null} data={free.map((t) => ({ value: t.id, label: t.name }))}
          onChange={(team) => team && save.mutate({ team, roles: [names.includes("operator") ? "operator" : names[0] ?? "operator"] })} />
      )}
    </div>
  );
}

function Sessions({ id }: { id: string }) {
  const can = useCan();
  const query = useQuery({ ...userSessionsQuery(id), enabled: can("users:admin") });
  const end = useDo({ run: (session?: string) => endUserSession(id, session), done: (_r, s) => (s ? "Signed out there" : "Signed out everywhere"), touches: ["session"] });
  if (!can("users:admin")) return <p className="dim">Your role may not see that.</p>;
  return (
    <Show query={query} lines={1}>
      {(list) => !list?.length ? <p className="dim">Nowhere.</p> : (
        <div className="stack" style={{ gap: "0.25rem" }}>
          {list.map((s) => (
            <div key={s.id} className="row"><span className="grow cut" title={s.agent}>{agentName(s.agent)} <span className="dim">{s.address}</span></span><span className="dim nowrap">seen <TimeAgo at={s.seen} /></span>
              {s.current ? <Tag>here</Tag> : <Button size="compact-xs" variant="default" onClick={() => end.mutate(s.id)}>Sign out</Button>}</div>
          ))}
          {list.length > 1 && <div><ConfirmButton size="compact-xs" question="All of these end now." yes="Sign out" onYes={() => end.mutate(undefined)}>Sign out everywhere</ConfirmButton></div>}
        </div>
      )}
    </Show>
  );
}

function NewPassword({ user, onClose }: { user: User; onClose: () => void }) {
  const [value, setValue] = useState("");
  const save = useDo({ run: () => changeUser(user.id, { password: value }), done: `${user.username} has a new password and is signed out everywhere`, touches: ["user", "session"], then: onClose });
  return (
    <Modal opened onClose={onClose} title={`New password for ${user.username}`} closeButtonProps={{ "aria-label": "Close" }}>
      <form className="stack" onSubmit={(e) => { e.preventDefault(); save.mutate(undefined); }}>
        <PasswordInput label="Password" description="At least 12 characters; all their sessions end" required data-autofocus autoComplete="new-password" value={value} onChange={(e) => setValue(e.currentTarget.value)} />
        {save.error && <ProblemView error={save.error} />}
        <Button type="submit" loading={save.isPending} disabled={value.length < 12}>Set it</Button>
      </form>
    </Modal>
  );
}
