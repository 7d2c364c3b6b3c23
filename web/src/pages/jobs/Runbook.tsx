import { Button, Select, Switch, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams } from "@tanstack/react-router";
import { useState } from "react";
import { runbookQuery, runsOf, start } from "@/api/jobs";
import type { Runbook } from "@/api/types";
import { useActions } from "@/app/actions";
import { useCan } from "@/app/session";
import { DocumentEditor } from "@/components/DocumentEditor";
import { ProblemView } from "@/components/ProblemView";
import { Show } from "@/components/Query";
import { RefLink } from "@/components/RefLink";
import { useDo } from "@/components/toast";
import { StateBadge } from "@/ui/Badges";
import { Columns, PageHead, Panel } from "@/ui/Panel";
import { TimeAgo } from "@/ui/TimeAgo";
import { shapeOf, Steps } from "./Steps";

export default function RunbookPage() {
  const { name } = useParams({ from: "/inside/runbooks/$name" });
  const query = useQuery(runbookQuery(name));
  return <Show query={query} missing="There is no such runbook">{(r) => <View runbook={r} />}</Show>;
}

function View({ runbook: r }: { runbook: Runbook }) {
  const can = useCan();
  const navigate = useNavigate();
  const [editing, setEditing] = useState(false);
  useActions([{ id: "runbook-edit", label: `Edit ${r.title || r.name}`, group: "Actions", keys: "e", run: () => setEditing(true) }]);
  return (
    <>
      <PageHead title={r.title || r.name} sub={r.spec.description} actions={<Button variant="default" onClick={() => setEditing(true)}>Edit</Button>} />
      <DocumentEditor what={editing ? { kind: "Runbook", name: r.name } : undefined} why={can("jobs:write") ? undefined : "Your role may not write runbooks"} onClose={() => setEditing(false)} onGone={() => void navigate({ to: "/runbooks" })} />
      <Columns
        main={<><Panel title="Steps" count={(r.spec.steps ?? []).length} flush><Steps steps={(r.spec.steps ?? []).map(shapeOf)} /></Panel><Recent name={r.name} /></>}
        side={<Panel title="Run it"><Start runbook={r} /></Panel>}
      />
    </>
  );
}

function Start({ runbook: r }: { runbook: Runbook }) {
  const can = useCan();
  const navigate = useNavigate();
  const [values, setValues] = useState<Record<string, unknown>>(() => Object.fromEntries((r.spec.parameters ?? []).filter((p) => p.default !== undefined).map((p) => [p.name, p.default])));
  const why = can("jobs:act") ? undefined : "Your role may not run runbooks";
  const go = useDo({ run: () => start(r.name, values), done: `${r.name} was started`, touches: ["run"], then: (run) => void navigate({ to: "/runs/$id", params: { id: run.id } }) });
  useActions([{ id: "runbook-run", label: `Run ${r.title || r.name}`, group: "Actions", disabled: why, run: () => go.mutate(undefined) }]);
  const set = (name: string, v: unknown) => setValues((b) => ({ ...b, [name]: v }));
  return (
    <form className="stack" onSubmit={(e) => { e.preventDefault(); go.mutate(undefined); }}>
      {(r.spec.parameters ?? []).map((p) => {
        const common = { label: p.name, description: p.description, required: p.required };
        const v = values[p.name];
        if (p.values?.length) return <Select key={p.name} {...common} data={p.values} value={v === undefined ? null : String(v)} onChange={(x) => set(p.name, x)} />;
        if (p.type === "bool") return <Switch key={p.name} label={p.name} description={p.description} checked={Boolean(v)} onChange={(e) => set(p.name, e.currentTarget.checked)} />;
        const number = p.type === "int";
        return <TextInput key={p.name} {...common} type={number ? "number" : "text"} value={v === undefined ? "" : String(v)} onChange={(e) => set(p.name, number && e.currentTarget.value !== "" ? Number(e.currentTarget.value) : e.currentTarget.value)} />;
      })}
      {go.error && <ProblemView error={go.error} />}
      <Button type="submit" disabled={Boolean(why)} title={why} loading={go.isPending}>Run now</Button>
    </form>
  );
}

function Recent({ name }: { name: string }) {
  const where = [`runbook=${name}`];
  const query = useQuery(runsOf("runbook", name));
  return (
    <Panel title="Latest runs" actions={<Link to="/runs" search={(s) => ({ from: s.from, to: s.to, where })} className="link">All</Link>}>
      <Show query={query}>
        {(p) => p.items.length ? (
          <div className="stack" style={{ gap: "0.375rem" }}>
            {p.items.map((r) => <div key={r.id} className="row"><span style={{ width: "8rem" }}><StateBadge state={r.state} /></span><span className="grow cut"><RefLink kind="run" id={r.id}>{r.why || `by ${r.actor.name}`}</RefLink></span><span className="dim"><TimeAgo at={r.createdAt} /></span></div>)}
          </div>
        ) : <p className="dim">It has never run.</p>}
      </Show>
    </Panel>
  );
}
