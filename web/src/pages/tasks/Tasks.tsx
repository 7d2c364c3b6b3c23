import { Button, Drawer } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { depthsQuery, discardTask, retryTask, taskQuery, tasksPath } from "@/api/platform";
import type { Task } from "@/api/types";
import { useCan } from "@/app/session";
import { useUrl } from "@/app/url";
import { ConfirmButton } from "@/components/ConfirmButton";
import { Json } from "@/components/Json";
import { Quick } from "@/components/Quick";
import { Show } from "@/components/Query";
import type { Column, Filter } from "@/components/table/column";
import { ListView } from "@/components/table/ListView";
import { useDo } from "@/components/toast";
import { Count, StateBadge } from "@/ui/Badges";
import { Empty } from "@/ui/Empty";
import { Facts, PageHead } from "@/ui/Panel";
import { At, TimeAgo } from "@/ui/TimeAgo";
import classes from "./Tasks.module.css";

const columns: Column<Task>[] = [
  { id: "state", label: "State", width: "6.5rem", sort: "state", narrow: true, cell: (t) => <StateBadge state={t.state} />, text: (t) => t.state },
  { id: "kind", label: "Task", width: "minmax(9rem, 1.2fr)", sort: "kind", narrow: true, cell: (t) => t.kind, text: (t) => t.kind },
  { id: "queue", label: "Queue", width: "7rem", sort: "queue", cell: (t) => <span className="dim">{t.queue}</span>, text: (t) => t.queue },
  { id: "error", label: "Why it failed", width: "minmax(10rem, 2.4fr)", narrow: true, cell: (t) => t.error ? <span title={t.error}>{t.error}</span> : <span className="dim">–</span>, text: (t) => t.error },
  { id: "failures", label: "Failures", width: "5.5rem", align: "right", sort: "failures", cell: (t) => t.maxFailures > 0 ? `${t.failures} of ${t.maxFailures}` : t.failures, text: (t) => t.failures },
  { id: "run", label: "Runs", width: "7rem", align: "right", sort: "runAt", cell: (t) => t.state === "delayed" ? <TimeAgo at={t.runAt} /> : t.state === "running" ? <>for <TimeAgo at={t.startedAt} bare /></> : <span className="dim">–</span>, text: (t) => t.runAt },
  { id: "created", label: "Made", width: "6.5rem", align: "right", sort: "createdAt", cell: (t) => <TimeAgo at={t.createdAt} />, text: (t) => t.createdAt },
];
const filters: Filter[] = [
  { field: "state", label: "State", kind: "choice", choices: ["waiting", "delayed", "running", "dead"] },
  { field: "queue", label: "Queue", kind: "text" },
  { field: "kind", label: "Task", kind: "text" },
  { field: "failures", label: "Failures", kind: "number" },
  { field: "createdAt", label: "Made", kind: "time" },
];

/** Work that Mainstay owes: what waits, runs, and what it gave up on. */
export default function Tasks() {
  const [search, setUrl] = useUrl();
  return (
    <>
      <PageHead title="Tasks" sub="Work that is not finished yet; a dead one failed too often and waits for a person" />
      <Depths />
      <ListView<Task> kind="task" path={tasksPath} label="Tasks" columns={columns} filters={filters} rowKey={(t) => t.id} defaultSort="-createdAt" onOpen={(t) => setUrl({ show: t.id }, { push: true })} selected={search.show}
        quick={<Quick field="state" label="Which tasks" options={[{ label: "All", values: [] }, { label: "Dead", values: ["dead"] }, { label: "Waiting", values: ["waiting", "delayed"] }, { label: "Running", values: ["running"] }]} />}
        empty={<Empty title="Nothing is waiting" good>Tasks appear here while they wait or run, and stay when they fail too often.</Empty>} />
      <TaskDrawer id={search.show} onClose={() => setUrl({ show: undefined })} />
    </>
  );
}

/** How much each queue holds. */
function Depths() {
  const query = useQuery(depthsQuery);
  if (!query.data?.length) return null;
  return (
    <ul className={classes.depths} aria-label="Queues">
      {query.data.map((d) => (
        <li key={d.queue} className={classes.depth}>
          <strong>{d.queue}</strong>
          <span>{d.waiting + d.delayed > 0 ? <><Count value={d.waiting + d.delayed} /> waiting</> : <span className="dim">none waiting</span>}{d.running > 0 && <>, <Count value={d.running} /> running</>}{d.dead > 0 && <>, <Count value={d.dead} level="critical" /> dead</>}{d.capped && " or more"}</span>
        </li>
      ))}
    </ul>
  );
}

function TaskDrawer({ id, onClose }: { id: string | undefined; onClose: () => void }) {
  const can = useCan();
  const why = can("tasks:admin") ? undefined : "Your role may not retry or discard tasks";
  const query = useQuery({ ...taskQuery(id ?? ""), enabled: Boolean(id) && !why });
  const retry = useDo({ run: retryTask, done: "It runs again", failed: "It was not retried", touches: ["task"], then: onClose });
  const discard = useDo({ run: discardTask, done: "It was discarded", failed: "It was not discarded", touches: ["task"], then: onClose });
  return (
    <Drawer opened={Boolean(id)} onClose={onClose} position="right" size="38rem" title="Task" closeButtonProps={{ "aria-label": "Close" }}>
      {id && why && <Empty title="You may see that it is there, not what it holds">That needs the permission tasks:admin.</Empty>}
      {id && !why && (
        <Show query={query} missing="It is finished, or was discarded">
          {(t) => (
            <div className="stack">
              <div><h2>{t.kind}</h2><StateBadge state={t.state} soft /></div>
              {t.error && <div><h3 className={classes.label}>Why the latest attempt failed</h3><pre className={classes.error} tabIndex={0}>{t.error}</pre></div>}
              <div className="row wrap">
                <Button disabled={t.state !== "dead" && t.state !== "delayed"} title={t.state === "dead" || t.state === "delayed" ? undefined : "Only what is dead or delayed is retried"} loading={retry.isPending} onClick={() => retry.mutate(t.id)}>{t.state === "delayed" ? "Run it now" : "Retry"}</Button>
                <ConfirmButton question="The work is not done, and nobody will do it again." yes="Discard" why={t.state === "running" ? "It is running" : undefined} loading={discard.isPending} onYes={() => discard.mutate(t.id)}>Discard</ConfirmButton>
              </div>
              <Facts wide rows={[
                ["Queue", t.queue], ["Attempts", t.attempt], ["Failures", t.maxFailures > 0 ? `${t.failures}, dead after ${t.maxFailures}` : `${t.failures}; it is tried without end`],
                t.state === "delayed" && ["Next attempt", <><At at={t.runAt} /> <span className="dim">(<TimeAgo at={t.runAt} />)</span></>],
                ["Made", <At at={t.createdAt} />], ["Last started", t.startedAt && <At at={t.startedAt} />], Boolean(t.owner) && ["Runs in", <span className="mono">{t.owner}</span>],
                Boolean(t.key) && ["Key", <span className="mono">{t.key}</span>], ["Id", <span className="mono">{t.id}</span>],
              ]} />
              {t.payload !== undefined && <div><h3 className={classes.label}>What it is about</h3><Json value={t.payload} /></div>}
            </div>
          )}
        </Show>
      )}
    </Drawer>
  );
}
