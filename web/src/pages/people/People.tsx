import { Button, Tabs } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { teamsPath, teamsQuery, usersPath } from "@/api/platform";
import type { Team, User } from "@/api/types";
import { useActions } from "@/app/actions";
import { useCan } from "@/app/session";
import { useUrl } from "@/app/url";
import { Quick } from "@/components/Quick";
import type { Column, Filter } from "@/components/table/column";
import { ListView } from "@/components/table/ListView";
import { StateBadge, Tag } from "@/ui/Badges";
import { Empty } from "@/ui/Empty";
import { PageHead } from "@/ui/Panel";
import { TimeAgo } from "@/ui/TimeAgo";
import { NewTeam } from "./NewTeam";
import { NewUser } from "./NewUser";
import classes from "./People.module.css";
import { RoleEditor, Roles } from "./Roles";
import { TeamDrawer } from "./TeamDrawer";
import { UserDrawer } from "./UserDrawer";

const grants = (u: User, team: (id: string) => string) => (u.grants ?? []).map((g) => (g.team ? `${g.role} of ${team(g.team)}` : g.role));

export default function People() {
  const can = useCan();
  const [search, setUrl] = useUrl();
  const tab = search.tab ?? "users";
  const [making, setMaking] = useState<string>();
  const why = can("users:admin") ? undefined : "Your role may not change users";
  const noun = tab === "teams" ? "team" : tab === "roles" ? "role" : "user";
  useActions([{ id: "person-new", label: `Add a ${noun}`, group: "Actions", keys: "c", disabled: why, run: () => setMaking(noun) }]);
  return (
    <>
      <PageHead title="People" actions={<Button disabled={Boolean(why)} title={why} onClick={() => setMaking(noun)}>Add a {noun}</Button>} />
      <Tabs value={tab} onChange={(t) => setUrl({ tab: t === "users" || !t ? undefined : t, show: undefined, q: undefined, where: undefined, sort: undefined, columns: undefined })} keepMounted={false} className={classes.tabs}>
        <Tabs.List><Tabs.Tab value="users">Users</Tabs.Tab><Tabs.Tab value="teams">Teams</Tabs.Tab><Tabs.Tab value="roles">Roles</Tabs.Tab></Tabs.List>
        <Tabs.Panel value="users" className={classes.panel}><Users /></Tabs.Panel>
        <Tabs.Panel value="teams" className={classes.panel}><Teams /></Tabs.Panel>
        <Tabs.Panel value="roles" className={classes.panel}><Roles why={why} /></Tabs.Panel>
      </Tabs>
      <UserDrawer id={tab === "users" ? search.show : undefined} why={why} onClose={() => setUrl({ show: undefined })} />
      <TeamDrawer id={tab === "teams" ? search.show : undefined} why={why} onClose={() => setUrl({ show: undefined })} />
      {making === "role" && <RoleEditor onClose={() => setMaking(undefined)} />}
      {making === "user" && <NewUser onClose={() => setMaking(undefined)} />}
      {making === "team" && <NewTeam onClose={() => setMaking(undefined)} />}
    </>
  );
}

function Users() {
  const [search, setUrl] = useUrl();
  const teams = useQuery(teamsQuery);
  const team = (id: string) => teams.data?.items.find((t) => t.id === id)?.name ?? id;
  const columns: Column<User>[] = [
    { id: "name", label: "Name", width: "minmax(8rem, 1fr)", sort: "username", narrow: true, cell: (u) => u.username, text: (u) => u.username },
    { id: "display", label: "Person", width: "minmax(8rem, 1.2fr)", cell: (u) => u.kind === "service" ? <Tag>service</Tag> : u.name || <span className="dim">–</span>, text: (u) => (u.kind === "service" ? "service" : u.name) },
    { id: "roles", label: "Roles", width: "minmax(8rem, 1.7fr)", narrow: true, cell: (u) => <span className="row" style={{ gap: "0.25rem" }}>{grants(u, team).map((g) => <Tag key={g}>{g}</Tag>)}</span>, text: (u) => grants(u, team).join(", ") },
    { id: "totp", label: "Second factor", width: "7rem", cell: (u) => u.kind === "service" ? <span className="dim">–</span> : u.totp ? "on" : <span className="dim">off</span>, text: (u) => (u.totp ? "on" : "off") },
    { id: "state", label: "State", width: "6.5rem", narrow: true, cell: (u) => <StateBadge state={u.active ? "enabled" : "disabled"} />, text: (u) => (u.active ? "enabled" : "disabled") },
    { id: "last", label: "Last sign-in", width: "7rem", align: "right", sort: "signedIn", cell: (u) => u.signedIn ? <TimeAgo at={u.signedIn} /> : <span className="dim">never</span>, text: (u) => u.signedIn },
  ];
  return <ListView<User> kind="user" path={usersPath} label="Users" columns={columns} filters={userFilters} rowKey={(u) => u.id} defaultSort="username" onOpen={(u) => setUrl({ show: u.id }, { push: true })} selected={search.show}
    quick={<Quick field="kind" label="Which users" options={[{ label: "All", values: [] }, { label: "People", values: ["user"] }, { label: "Services", values: ["service"] }]} />} empty={<Empty title="No users" />} />;
}

const userFilters: Filter[] = [
  { field: "kind", label: "Kind", kind: "choice", choices: ["user", "service"] },
  { field: "active", label: "Enabled", kind: "choice", choices: ["true", "false"] },
  { field: "totp", label: "Second factor", kind: "choice", choices: ["true", "false"] },
  { field: "signedIn", label: "Last sign-in", kind: "time" },
];

function Teams() {
  const [search, setUrl] = useUrl();
  const columns: Column<Team>[] = [
    { id: "name", label: "Team", width: "minmax(8rem, 1fr)", sort: "name", narrow: true, cell: (t) => t.name, text: (t) => t.name },
    { id: "description", label: "Description", width: "minmax(8rem, 2fr)", cell: (t) => <span className="dim">{t.description}</span>, text: (t) => t.description },
    { id: "members", label: "Members", width: "5rem", align: "right", narrow: true, cell: (t) => t.members, text: (t) => t.members },
    { id: "created", label: "Made", width: "7rem", align: "right", sort: "created", cell: (t) => <TimeAgo at={t.created} />, text: (t) => t.created },
  ];
  return <ListView<Team> kind="team" path={teamsPath} label="Teams" columns={columns} rowKey={(t) => t.id} defaultSort="name" onOpen={(t) => setUrl({ show: t.id }, { push: true })} selected={search.show}
    empty={<Empty title="No teams yet">Incidents are assigned to teams, and roles can be given for one team only.</Empty>} />;
}
