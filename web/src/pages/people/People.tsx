import { Button, Tabs } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { changeUser, rolesQuery, teamsPath, teamsQuery, usersPath } from "@/api/platform";
import type { Role, Team, User } from "@/api/types";
import { useActions } from "@/app/actions";
import { useCan } from "@/app/session";
import { useUrl } from "@/app/url";
import { Show } from "@/components/Query";
import type { Column } from "@/components/table/column";
import { ListView } from "@/components/table/ListView";
import { useDo } from "@/components/toast";
import { StateBadge, Tag } from "@/ui/Badges";
import { Empty } from "@/ui/Empty";
import { PageHead, Panel } from "@/ui/Panel";
import { TimeAgo } from "@/ui/TimeAgo";
import { NewTeam } from "./NewTeam";
import { NewUser } from "./NewUser";
import classes from "./People.module.css";

const grants = (u: User, team: (id: string) => string) => (u.grants ?? []).map((g) => (g.team ? `${g.role} of ${team(g.team)}` : g.role));

export default function People() {
  const can = useCan();
  const [search, setUrl] = useUrl();
  const tab = search.tab ?? "users";
  const [making, setMaking] = useState<string>();
  const why = can("users:admin") ? undefined : "Your role may not change users";
  const noun = tab === "teams" ? "team" : "user";
  useActions([{ id: "person-new", label: `Add a ${noun}`, group: "Actions", keys: "c", disabled: why, run: () => setMaking(noun) }]);
  return (
    <>
      <PageHead title="People" actions={tab !== "roles" && <Button disabled={Boolean(why)} title={why} onClick={() => setMaking(noun)}>Add a {noun}</Button>} />
      <Tabs value={tab} onChange={(t) => setUrl({ tab: t === "users" || !t ? undefined : t, q: undefined, where: undefined, sort: undefined, columns: undefined })} keepMounted={false} className={classes.tabs}>
        <Tabs.List><Tabs.Tab value="users">Users</Tabs.Tab><Tabs.Tab value="teams">Teams</Tabs.Tab><Tabs.Tab value="roles">Roles</Tabs.Tab></Tabs.List>
        <Tabs.Panel value="users" className={classes.panel}><Users why={why} /></Tabs.Panel>
        <Tabs.Panel value="teams" className={classes.panel}><Teams /></Tabs.Panel>
        <Tabs.Panel value="roles" className={classes.panel}><Roles /></Tabs.Panel>
      </Tabs>
      {making === "user" && <NewUser onClose={() => setMaking(undefined)} />}
      {making === "team" && <NewTeam onClose={() => setMaking(undefined)} />}
    </>
  );
}

function Users({ why }: { why?: string }) {
  const teams = useQuery(teamsQuery);
  const team = (id: string) => teams.data?.items.find((t) => t.id === id)?.name ?? id;
  const flip = useDo({ run: (u: User) => changeUser(u.id, { active: !u.active }), done: (_r, u) => `${u.username} was ${u.active ? "disabled" : "enabled"}`, touches: ["user"] });
  const columns: Column<User>[] = [
    { id: "name", label: "Name", width: "minmax(8rem, 1fr)", sort: "username", narrow: true, cell: (u) => u.username, text: (u) => u.username },
    { id: "display", label: "Person", width: "minmax(8rem, 1.2fr)", narrow: true, cell: (u) => u.name || <span className="dim">–</span>, text: (u) => u.name },
    { id: "roles", label: "Roles", width: "minmax(8rem, 1.5fr)", cell: (u) => <span className="row" style={{ gap: "0.25rem" }}>{grants(u, team).map((g) => <Tag key={g}>{g}</Tag>)}</span>, text: (u) => grants(u, team).join(", ") },
    { id: "totp", label: "Second factor", width: "7rem", cell: (u) => u.totp ? "on" : <span className="dim">off</span>, text: (u) => (u.totp ? "on" : "off") },
    { id: "state", label: "State", width: "6.5rem", cell: (u) => <StateBadge state={u.active ? "enabled" : "disabled"} />, text: (u) => (u.active ? "enabled" : "disabled") },
    { id: "last", label: "Last sign-in", width: "7rem", align: "right", cell: (u) => <TimeAgo at={u.signedIn} />, text: (u) => u.signedIn },
    { id: "act", label: "Action", width: "5.5rem", align: "right", cell: (u) => <Button size="compact-xs" variant="default" disabled={Boolean(why)} title={why} onClick={() => flip.mutate(u)}>{u.active ? "Disable" : "Enable"}</Button>, text: () => "" },
  ];
  return <ListView<User> kind="user" path={usersPath} label="Users" columns={columns} rowKey={(u) => u.id} defaultSort="username" empty={<Empty title="No users" />} />;
}

function Teams() {
  const columns: Column<Team>[] = [
    { id: "name", label: "Team", width: "minmax(8rem, 1fr)", sort: "name", narrow: true, cell: (t) => t.name, text: (t) => t.name },
    { id: "description", label: "Description", width: "minmax(8rem, 2fr)", cell: (t) => <span className="dim">{t.description}</span>, text: (t) => t.description },
    { id: "members", label: "Members", width: "5rem", align: "right", narrow: true, cell: (t) => t.members, text: (t) => t.members },
  ];
  return <ListView<Team> kind="team" path={teamsPath} label="Teams" columns={columns} rowKey={(t) => t.id} defaultSort="name" empty={<Empty title="No teams yet">Incidents are assigned to teams, and roles can be given for one team only.</Empty>} />;
}

function Roles() {
  const query = useQuery(rolesQuery);
  return (
    <Panel title="Roles" flush>
      <Show query={query}>
        {(p) => p.items.map((r: Role) => (
          <div key={r.name} className={classes.role}><strong>{r.name}</strong>{r.description && <p className="dim">{r.description}</p>}<div className="row wrap" style={{ gap: "0.25rem" }}>{(r.permissions ?? []).map((x) => <Tag key={x}>{x}</Tag>)}</div></div>
        ))}
      </Show>
    </Panel>
  );
}
