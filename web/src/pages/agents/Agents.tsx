import { Button, Drawer, Select, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { agentQuery, agentsPath, changeAgent, forgetAgent, teamsQuery } from "@/api/platform";
import type { Agent } from "@/api/types";
import { useActions } from "@/app/actions";
import { useCan } from "@/app/session";
import { useUrl } from "@/app/url";
import { ConfirmButton } from "@/components/ConfirmButton";
import { Show } from "@/components/Query";
import { ItemLink } from "@/components/Names";
import type { Column, Filter } from "@/components/table/column";
import { ListView } from "@/components/table/ListView";
import { useDo } from "@/components/toast";
import { seconds } from "@/format/number";
import { StateBadge, Tag } from "@/ui/Badges";
import { Empty } from "@/ui/Empty";
import { Facts, PageHead } from "@/ui/Panel";
import { Segments } from "@/ui/Segments";
import { At, TimeAgo } from "@/ui/TimeAgo";
import { Enrol } from "./Enrol";
import { Enrolments } from "./Enrolments";
import { Followed } from "./Followed";

const standing = (a: Agent) => (a.connected ? "connected" : "lost");

const columns: Column<Agent>[] = [
  { id: "state", label: "State", width: "7.5rem", narrow: true, cell: (a) => <StateBadge state={standing(a)} />, text: standing },
  { id: "name", label: "Agent", width: "minmax(9rem, 1.5fr)", sort: "name", narrow: true, cell: (a) => a.name, text: (a) => a.name },
  { id: "item", label: "Host", width: "minmax(7rem, 1fr)", cell: (a) => <ItemLink id={a.item} name={a.hostname} />, text: (a) => a.item },
  { id: "version", label: "Version", width: "minmax(6rem, 1fr)", sort: "version", cell: (a) => <>{a.version || "–"} {a.upgrade && <Tag>upgrade</Tag>}</>, text: (a) => a.version },
  { id: "system", label: "System", width: "8rem", cell: (a) => <span className="dim">{[a.os, a.arch].filter(Boolean).join(" ")}</span>, text: (a) => `${a.os ?? ""} ${a.arch ?? ""}` },
  { id: "lag", label: "Lag", width: "5rem", align: "right", cell: (a) => seconds(a.lagSeconds), text: (a) => a.lagSeconds },
  { id: "seen", label: "Last seen", width: "6rem", align: "right", sort: "seenAt", narrow: true, cell: (a) => <TimeAgo at={a.seenAt} />, text: (a) => a.seenAt },
];
const filters: Filter[] = [
  { field: "connected", label: "Connected", kind: "choice", choices: ["true", "false"] },
  { field: "version", label: "Version", kind: "text" },
];

export default function Agents() {
  const can = useCan();
  const [search, setUrl] = useUrl();
  const [adding, setAdding] = useState(false);
  const why = can("agents:admin") ? undefined : "Your role may not add agents";
  useActions([{ id: "agent-add", label: "Add a host", group: "Actions", keys: "c", disabled: why, run: () => setAdding(true) }]);
  const tokens = search.tab === "enrolments";
  const add = <Button disabled={Boolean(why)} title={why} onClick={() => setAdding(true)}>Add a host</Button>;
  return (
    <>
      <PageHead title="Agents" actions={add} />
      {!why && <Segments aria-label="Show" style={{ alignSelf: "flex-start" }} value={tokens ? "enrolments" : "agents"} onChange={(v) => setUrl({ tab: v === "agents" ? undefined : v, q: undefined, where: undefined, sort: undefined, columns: undefined, show: undefined })} data={[{ value: "agents", label: "Agents" }, { value: "enrolments", label: "Enrolment tokens" }]} />}
      {tokens && !why ? <Enrolments /> : (
        <ListView<Agent> kind="agent" path={agentsPath} label="Agents" columns={columns} filters={filters} rowKey={(a) => a.id} defaultSort="name" onOpen={(a) => setUrl({ show: a.id }, { push: true })} selected={search.show}
          empty={<Empty title="No agents yet" action={add}>An agent measures its host, runs checks there, and executes runbooks its policy allows.</Empty>} />
      )}
      {adding && <Enrol onClose={() => setAdding(false)} />}
      <AgentDrawer id={search.show} why={why} onClose={() => setUrl({ show: undefined })} />
    </>
  );
}

function AgentDrawer({ id, why, onClose }: { id: string | undefined; why?: string; onClose: () => void }) {
  const query = useQuery({ ...agentQuery(id ?? ""), enabled: Boolean(id) });
  const forget = useDo({ run: () => forgetAgent(id!), done: "It is forgotten; its key is no longer accepted", touches: ["agent"], then: onClose });
  return (
    <Drawer opened={Boolean(id)} onClose={onClose} position="right" size="34rem" title="Agent" closeButtonProps={{ "aria-label": "Close" }}>
      {id && (
        <Show query={query} missing="This agent is not there (any more)">
          {(a) => (
            <div className="stack">
              <h2>{a.name}</h2>
              <div><StateBadge state={standing(a)} soft /></div>
              <Facts wide rows={[
                ["Host", <ItemLink id={a.item} name={a.hostname} />],
                ["Last seen", <><At at={a.seenAt} /> <span className="dim">(<TimeAgo at={a.seenAt} />)</span></>],
                ["Version", <>{a.version}{a.upgrade && <span className="dim"> · {a.upgrade}</span>}</>],
                ["System", [a.os, a.arch].filter(Boolean).join(" ")],
                ["Lag", seconds(a.lagSeconds)],
                ["Kept on disk", a.queued ? `${a.queued.toLocaleString("en")} records wait for the connection` : "nothing"],
                ["Can", <span className="row wrap">{(a.capabilities ?? []).map((c) => <Tag key={c}>{c}</Tag>)}</span>],
                ["Lost", a.dropped ? `${a.dropped.toLocaleString("en")} records, its queue was full` : "nothing"],
                ["Policy", a.policy.problem || <>runbooks {(a.policy.runbooks ?? []).join(", ") || "none"}; checks {(a.policy.checks ?? []).join(", ") || "none"}</>],
                ["Id", <span className="mono">{a.id}</span>],
              ]} />
              <Followed key={`logs ${a.id}`} agent={a} />
              <Owned key={a.id} agent={a} />
              <div><ConfirmButton question={<>Its key is no longer accepted. To come back, <strong>{a.name}</strong> has to be enrolled again.</>} yes="Forget it" why={why} loading={forget.isPending} onYes={() => forget.mutate(undefined)}>Forget this agent</ConfirmButton></div>
            </div>
          )}
        </Show>
      )}
    </Drawer>
  );
}

/** What people say of an agent: its name and whose it is. */
function Owned({ agent: a }: { agent: Agent }) {
  const can = useCan();
  const teams = useQuery(teamsQuery);
  const [name, setName] = useState(a.name);
  const [team, setTeam] = useState<string | null>(a.team ?? null);
  const why = can("agents:write") ? undefined : "Your role may not change agents";
  const save = useDo({ run: () => changeAgent(a.id, { name: name.trim(), team: team ?? "" }), done: "The agent was changed", failed: "The agent was not changed", touches: ["agent"] });
  const dirty = name !== a.name || (team ?? "") !== (a.team ?? "");
  return (
    <form className="row wrap" style={{ alignItems: "flex-end" }} onSubmit={(e) => { e.preventDefault(); save.mutate(undefined); }}>
      <TextInput label="Name" disabled={Boolean(why)} value={name} onChange={(e) => setName(e.currentTarget.value)} style={{ flex: 1, minWidth: "9rem" }} />
      <Select label="Team" placeholder="Common" clearable disabled={Boolean(why)} data={(teams.data?.items ?? []).map((t) => ({ value: t.id, label: t.name }))} value={team} onChange={setTeam} style={{ flex: 1, minWidth: "9rem" }} />
      <Button type="submit" variant="default" disabled={Boolean(why) || !dirty || !name.trim()} title={why} loading={save.isPending}>Save</Button>
    </form>
  );
}
