import { Button, Drawer, Tabs } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { endMaintenance, extendMaintenance, maintenancePath, maintenanceQuery, removeMaintenance } from "@/api/monitor";
import type { Maintenance } from "@/api/types";
import { useActions } from "@/app/actions";
import { useCan } from "@/app/session";
import { useUrl } from "@/app/url";
import { ConfirmButton } from "@/components/ConfirmButton";
import { DocumentEditor } from "@/components/DocumentEditor";
import { ItemLink, TeamName } from "@/components/Names";
import { Show } from "@/components/Query";
import { RefLink } from "@/components/RefLink";
import type { Column, Filter } from "@/components/table/column";
import { ListView } from "@/components/table/ListView";
import { useDo } from "@/components/toast";
import { plural } from "@/format/number";
import { goDuration } from "@/format/time";
import { StateBadge } from "@/ui/Badges";
import { Empty } from "@/ui/Empty";
import { Facts, PageHead } from "@/ui/Panel";
import { At, TimeAgo } from "@/ui/TimeAgo";
import { CoveredNow, PlanMaintenance } from "./PlanMaintenance";
import { Upcoming } from "./Upcoming";

const phase = (m: Maintenance) => (m.active ? "active" : m.nextStart ? "planned" : "over");

/** What a window covers, in a few words. */
function covers(m: Maintenance): string {
  if (m.spec.all) return "everything";
  return [m.spec.items?.length ? plural(m.spec.items.length, "item") : "", m.spec.selector ?? "", ...(m.spec.identities ?? []).map((i) => i.value)].filter(Boolean).join(", ");
}

export default function MaintenancePage() {
  const can = useCan();
  const [search, setUrl] = useUrl();
  const [planning, setPlanning] = useState(false);
  const why = can("maintenance:write") ? undefined : "Your role may not plan maintenance";
  useActions([{ id: "maintenance-new", label: "Plan maintenance", group: "Actions", keys: "c", disabled: why, run: () => setPlanning(true) }]);
  const columns: Column<Maintenance>[] = [
    { id: "state", label: "State", width: "7rem", narrow: true, cell: (m) => <StateBadge state={phase(m)} />, text: phase },
    { id: "name", label: "Window", width: "minmax(9rem, 1.5fr)", sort: "name", narrow: true, cell: (m) => m.name, text: (m) => m.name },
    { id: "reason", label: "Reason", width: "minmax(8rem, 1.5fr)", cell: (m) => <span className="dim">{m.spec.reason}</span>, text: (m) => m.spec.reason },
    { id: "covers", label: "Covers", width: "minmax(8rem, 1fr)", cell: (m) => m.spec.items?.length === 1 && !m.spec.selector ? <ItemLink id={m.spec.items[0]} /> : covers(m), text: covers },
    { id: "start", label: "Starts", width: "minmax(6rem, 10rem)", sort: "start", narrow: true, compact: { width: "5.5rem", cell: (m) => <TimeAgo at={m.nextStart ?? m.spec.start} /> }, cell: (m) => <At at={m.nextStart ?? m.spec.start} />, text: (m) => m.nextStart ?? m.spec.start },
    { id: "end", label: "Ends", width: "minmax(6rem, 10rem)", sort: "end", cell: (m) => <At at={m.nextEnd ?? endOf(m)} />, text: (m) => m.nextEnd ?? endOf(m) },
    { id: "repeats", label: "Repeats", width: "7rem", cell: (m) => m.spec.recurrence ? <span title={m.spec.recurrence}>{often(m.spec.recurrence)}</span> : <span className="dim">once</span>, text: (m) => m.spec.recurrence },
  ];
  return (
    <>
      <PageHead title="Maintenance" sub="Alerts of these items are kept, but bother nobody" actions={<Button disabled={Boolean(why)} title={why} onClick={() => setPlanning(true)}>Plan maintenance</Button>} />
      <Tabs value={search.tab === "upcoming" ? "upcoming" : "windows"} onChange={(tab) => setUrl({ tab: tab === "upcoming" ? tab : undefined })} keepMounted={false}>
        <Tabs.List aria-label="What is shown"><Tabs.Tab value="windows">Windows</Tabs.Tab><Tabs.Tab value="upcoming">Upcoming</Tabs.Tab></Tabs.List>
      </Tabs>
      {search.tab === "upcoming" ? <Upcoming why={why} onOpen={(id) => setUrl({ show: id }, { push: true })} /> : <ListView<Maintenance> kind="maintenance" path={maintenancePath} label="Maintenance windows" columns={columns} filters={filters} rowKey={(m) => m.id} defaultSort="-start" onOpen={(m) => setUrl({ show: m.id }, { push: true })} selected={search.show}
        empty={<Empty title="No maintenance is planned" action={<Button disabled={Boolean(why)} title={why} onClick={() => setPlanning(true)}>Plan maintenance</Button>}>During a window alerts of its items are recorded but suppressed.</Empty>} />}
      <WindowDrawer id={search.show} why={why} onClose={() => setUrl({ show: undefined })} />
      {planning && <PlanMaintenance onClose={() => setPlanning(false)} />}
    </>
  );
}

const filters: Filter[] = [
  { field: "name", label: "Name", kind: "text" },
  { field: "start", label: "Starts", kind: "time" },
  { field: "end", label: "Ends", kind: "time" },
];

const often = (rule: string) => ({ DAILY: "daily", WEEKLY: "weekly", MONTHLY: "monthly", YEARLY: "yearly" })[/FREQ=(\w+)/.exec(rule)?.[1] ?? ""] ?? rule;
const endOf = (m: Maintenance) => m.spec.end ?? (m.spec.duration ? new Date(Date.parse(m.spec.start) + goDuration(m.spec.duration)).toISOString() : undefined);

function WindowDrawer({ id, why: role, onClose }: { id: string | undefined; why?: string; onClose: () => void }) {
  const query = useQuery({ ...maintenanceQuery(id ?? ""), enabled: Boolean(id) });
  const of = query.data?.change?.number;
  const why = role ?? (of ? `It follows ${of}: move, finish or cancel the change` : undefined);
  const [editing, setEditing] = useState(false);
  const touches = ["maintenance", "alert"];
  const end = useDo({ run: (m: Maintenance) => endMaintenance(m.id), done: "It has ended; the next time stays planned", failed: "It was not ended", touches });
  const longer = useDo({ run: (m: Maintenance) => extendMaintenance(m.id, 30), done: "It ends half an hour later", failed: "It does not end later", touches });
  const gone = useDo({ run: (m: Maintenance) => removeMaintenance(m.id), done: "The window was removed", failed: "The window was not removed", touches: ["maintenance", "alert"], then: onClose });
  return (
    <Drawer opened={Boolean(id)} onClose={onClose} position="right" size="36rem" title="Maintenance window" closeButtonProps={{ "aria-label": "Close" }}>
      {id && (
        <Show query={query} missing="This window is not there (any more)">
          {(m) => (
            <div className="stack">
              <div><h2>{m.name}</h2><StateBadge state={phase(m)} soft /></div>
              {m.spec.reason && <p>{m.spec.reason}</p>}
              <div className="row wrap">
                <Button disabled={Boolean(why)} title={why} onClick={() => setEditing(true)}>Edit</Button>
                {m.active && <Button variant="default" disabled={Boolean(why)} title={why} loading={longer.isPending} onClick={() => longer.mutate(m)}>30 minutes longer</Button>}
                {m.active && m.spec.recurrence && <Button variant="default" disabled={Boolean(why)} title={why} loading={end.isPending} onClick={() => end.mutate(m)}>End this time</Button>}
                <ConfirmButton question={m.active && !m.spec.recurrence ? "It ends now, and its items' alerts call people again." : <>Remove <strong>{m.name}</strong>?</>} yes={m.active && !m.spec.recurrence ? "End it" : "Remove"} why={why} loading={gone.isPending} onYes={() => gone.mutate(m)}>{m.active && !m.spec.recurrence ? "End it now" : "Remove"}</ConfirmButton>
              </div>
              <Facts wide rows={[
                [m.active ? "On since" : m.nextStart ? "Next" : "Was", <><At at={m.nextStart ?? m.spec.start} /> {m.nextStart && !m.active && <span className="dim">(<TimeAgo at={m.nextStart} />)</span>}</>],
                ["Until", <At at={m.nextEnd ?? endOf(m)} />],
                ["Repeats", m.spec.recurrence ? <>{often(m.spec.recurrence)} <span className="mono dim">{m.spec.recurrence}</span></> : "no"],
                Boolean(m.spec.exceptions?.length) && ["Not as the rule says", plural(m.spec.exceptions?.length ?? 0, "time")],
                Boolean(m.spec.timeZone) && ["Time zone", m.spec.timeZone], Boolean(m.spec.selector) && ["Selector", <code className="mono">{m.spec.selector}</code>],
                Boolean(m.change) && ["Change", <RefLink kind="change" id={m.change?.id}>{m.change?.number}</RefLink>], ["Team", <TeamName id={m.spec.team} none="common" />], ["Changed", <At at={m.updatedAt} />],
              ]} />
              {why ? <p>{covers(m)}</p> : <CoveredNow what={{ all: m.spec.all, items: m.spec.items ?? undefined, selector: m.spec.selector, below: m.spec.below, identities: m.spec.identities ?? undefined }} />}
              <DocumentEditor what={editing ? { kind: "MaintenanceWindow", name: m.name } : undefined} why={why} onClose={() => setEditing(false)} onGone={() => { setEditing(false); onClose(); }} />
            </div>
          )}
        </Show>
      )}
    </Drawer>
  );
}
