import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useParams } from "@tanstack/react-router";
import { incidentsOf } from "@/api/desk";
import { cancel, isUnfinished, rerun, runQuery } from "@/api/jobs";
import { ledgerAbout } from "@/api/platform";
import type { RunDetail } from "@/api/types";
import { useActions } from "@/app/actions";
import { useCan } from "@/app/session";
import { useUrl } from "@/app/url";
import { Value } from "@/components/Json";
import { ItemLink } from "@/components/Names";
import { Show } from "@/components/Query";
import { RefLink } from "@/components/RefLink";
import { Timeline } from "@/components/Timeline";
import { useDo } from "@/components/toast";
import { StateBadge } from "@/ui/Badges";
import { Mark } from "@/ui/Mark";
import { Columns, Facts, PageHead, Panel } from "@/ui/Panel";
import { At, TimeAgo, Took } from "@/ui/TimeAgo";
import { Approval } from "./Approval";
import { RunOutput } from "./RunOutput";
import { shapesOf, Steps } from "./Steps";

export default function RunPage() {
  const { id } = useParams({ from: "/inside/runs/$id" });
  const query = useQuery(runQuery(id));
  return <Show query={query} missing="This run is not there">{(r) => <View run={r} />}</Show>;
}

function View({ run: r }: { run: RunDetail }) {
  const can = useCan();
  const [search, setUrl] = useUrl();
  const going = isUnfinished(r.state);
  const stop = useDo({ run: () => cancel(r.id), done: "It is being stopped", touches: ["run"] });
  const why = can("jobs:act") ? undefined : "Your role may not start or stop runs";
  const navigate = useNavigate();
  const again = useDo({ run: () => rerun(r.id), done: "It was started again", touches: ["run"], then: (run) => void navigate({ to: "/runs/$id", params: { id: run.id } }) });
  useActions(going ? [{ id: "run-cancel", label: "Cancel this run", group: "Actions", disabled: why, run: () => stop.mutate(undefined) }] : [{ id: "run-again", label: "Run this again", group: "Actions", disabled: why, run: () => again.mutate(undefined) }]);
  const waiting = r.steps?.filter((s) => s.kind === "approval" && s.state === "waiting") ?? [];
  return (
    <>
      <PageHead title={r.title || r.runbook} state={<StateBadge state={r.state} soft />}
        sub={<><span>started by {r.actor.name}</span><span><TimeAgo at={r.createdAt} /></span><span>{going ? "running for" : "took"} <Took from={r.startedAt} to={r.finishedAt} fine /></span></>}
        actions={going ? <Button variant="default" disabled={Boolean(why) || r.state === "cancelling"} title={why} loading={stop.isPending} onClick={() => stop.mutate(undefined)}>Cancel</Button>
          : <Button variant="default" disabled={Boolean(why)} title={why} loading={again.isPending} onClick={() => again.mutate(undefined)}>Run again</Button>} />
      {r.error && <p role="status" className="row"><Mark level="critical" /> {r.error}</p>}
      {waiting.map((s) => <Approval key={s.id} run={r} step={s} />)}
      <Columns
        main={<>
          <Panel title="Steps" count={r.steps?.length} flush>
            <Steps steps={shapesOf(r.steps ?? [], r.definition?.steps)} selected={search.step} onSelect={(step) => setUrl({ step: step === search.step ? undefined : step })} />
          </Panel>
          <Panel title="Output" hint={search.step ? `of ${search.step}` : "of all steps"} flush actions={search.step && <Button variant="subtle" onClick={() => setUrl({ step: undefined })}>All steps</Button>}>
            <RunOutput key={`${r.id} ${search.step ?? ""}`} id={r.id} step={search.step} going={going} />
          </Panel>
        </>}
        side={<>
          <Panel title="About">
            <Facts wide rows={[
              r.why ? ["Why", r.why] : false,
              ["Runbook", <RefLink kind="runbook" id={r.runbook}>{r.runbook}</RefLink>],
              r.situation ? ["Situation", <RefLink kind="situation" id={r.situation}>Open the situation</RefLink>] : false,
              r.situation || r.incident ? ["Incident", <IncidentOf run={r} />] : false,
              r.item ? ["Item", <ItemLink id={r.item} />] : false,
              ["Trigger", r.trigger],
              r.rerunOf ? ["Again of", <RefLink kind="run" id={r.rerunOf}>an earlier run</RefLink>] : false,
              ["Started", <At at={r.startedAt} />],
              ["Finished", <At at={r.finishedAt} />],
            ]} />
          </Panel>
          {r.parameters && Object.keys(r.parameters).length > 0 && (
            <Panel title="Parameters"><Facts wide rows={Object.entries(r.parameters).map(([k, v]) => [k, <Value value={v} />])} /></Panel>
          )}
          <History id={r.id} title={r.title || r.runbook} />
        </>}
      />
    </>
  );
}

/** The incident it was started for, or the one of its situation. */
function IncidentOf({ run: r }: { run: RunDetail }) {
  const can = useCan();
  const query = useQuery({ ...incidentsOf(r.situation ?? ""), enabled: Boolean(r.situation) && !r.incident && can("incidents:read") });
  const id = r.incident || query.data?.items[0]?.id;
  return id ? <RefLink kind="incident" id={id}>Open the incident</RefLink> : <span className="dim">–</span>;
}

function History({ id, title }: { id: string; title: string }) {
  const query = useQuery(ledgerAbout({ subject: `run/${id}` }));
  return <Panel title="Record" flush><Show query={query} lines={2}>{(p) => <Timeline entries={p.items} own={id} title={title} />}</Show></Panel>;
}
