import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useParams } from "@tanstack/react-router";
import { useState } from "react";
import { yamlQuery } from "@/api/documents";
import { checkQuery, resultsQuery, runCheck, setCheck } from "@/api/monitor";
import { ledgerAbout } from "@/api/platform";
import type { Check, CheckResult, Target } from "@/api/types";
import { useActions } from "@/app/actions";
import { useCan } from "@/app/session";
import { DocumentEditor } from "@/components/DocumentEditor";
import { ItemLink, TeamName } from "@/components/Names";
import { Show } from "@/components/Query";
import { RefLink } from "@/components/RefLink";
import { Timeline } from "@/components/Timeline";
import { useDo } from "@/components/toast";
import { took } from "@/format/time";
import { StateBadge } from "@/ui/Badges";
import { Empty } from "@/ui/Empty";
import { Mark } from "@/ui/Mark";
import { Columns, Facts, PageHead, Panel } from "@/ui/Panel";
import { At, TimeAgo } from "@/ui/TimeAgo";
import classes from "./Check.module.css";
import { History } from "./History";
import { Heartbeat } from "./Heartbeat";
import { byWorst, doing, kindOf, worstStatus } from "./kind";
import { Locations } from "./Locations";
import { Picture } from "./Picture";
import { Targets } from "./Targets";
import { Template } from "./Template";

export default function CheckPage() {
  const { id } = useParams({ from: "/inside/checks/$id" });
  const query = useQuery(checkQuery(id));
  return <Show query={query} missing="There is no such check">{(c) => <View check={c} />}</Show>;
}

function View({ check: c }: { check: Check }) {
  const can = useCan();
  const navigate = useNavigate();
  const [editing, setEditing] = useState(false);
  const results = useQuery(resultsQuery(c.id));
  const why = can("checks:act") ? undefined : "Your role may not run checks";
  const fixed = can("checks:write") ? undefined : "Your role may not change checks";
  const go = useDo({ run: () => runCheck(c.id), done: (r) => `It ran: ${r.status}${r.output ? `, ${r.output.slice(0, 120)}` : ""}`, failed: "It did not run", touches: ["check", "alert"] });
  const flip = useDo({ run: () => setCheck(c, { ...c.spec, disabled: !c.spec.disabled }), done: c.spec.disabled ? "It is switched on" : "It is switched off: it is not run, and its alerts are cleared", failed: "It was not changed", touches: ["check", "alert", "document"] });
  useActions([
    { id: "check-run", label: `Run ${c.name} now`, group: "Actions", keys: "r", disabled: why, run: () => go.mutate(undefined) },
    { id: "check-edit", label: `Edit ${c.name}`, group: "Actions", keys: "e", run: () => setEditing(true) },
    { id: "check-flip", label: c.spec.disabled ? `Switch ${c.name} on` : `Switch ${c.name} off`, group: "Actions", disabled: fixed, run: () => flip.mutate(undefined) },
  ]);
  const targets = c.targets ?? [];
  const one = targets.length === 1 ? targets[0] : undefined;
  const spread = Boolean(c.spec.locations?.length || c.spec.locationSelector);
  const outside = Boolean(c.spec.heartbeat || c.spec.passive);
  return (
    <>
      <PageHead title={c.name} state={c.spec.disabled ? <StateBadge state="disabled" soft /> : <StateBadge state={worstStatus(targets.map((t) => t.status))} soft />}
        sub={<>{c.spec.description && <span>{c.spec.description}</span>}<span>{kindOf(c.spec)}{c.spec.interval && `, every ${c.spec.interval}`}</span>{one?.item && <span>on <ItemLink id={one.item} /></span>}{one && <span>last run <TimeAgo at={one.checkedAt} /></span>}</>}
        actions={<><Button variant="default" disabled={Boolean(fixed)} title={fixed} loading={flip.isPending} onClick={() => flip.mutate(undefined)}>{c.spec.disabled ? "Switch on" : "Switch off"}</Button>
          <Button variant="default" onClick={() => setEditing(true)}>Edit</Button>
          {!outside && <Button disabled={Boolean(why)} title={why} loading={go.isPending} onClick={() => go.mutate(undefined)}>Run now</Button>}</>} />
      {c.missing?.length ? <p className="row" role="status"><Mark level="minor" /><span>It depends on {c.missing.join(", ")}, which {c.missing.length === 1 ? "is no check" : "are no checks"}.</span></p> : null}
      <Columns
        main={<>
          {c.spec.selector && <Template check={c} why={fixed} />}
          <Panel title={one ? "Why this state" : "State on each item"} count={one ? undefined : c.total}><Targets check={c.id} targets={targets} retries={c.spec.retries ?? (outside ? 0 : 2)} /></Panel>
          {c.spec.heartbeat && <Heartbeat check={c} why={fixed} />}
          {spread && <Locations result={results.data?.items[0]} agree={c.spec.agree} />}
          <History check={c} targets={[...targets].sort(byWorst)} />
          <Results check={c.id} results={results.data?.items} targets={targets} />
        </>}
        side={<>
          <Panel title="About">
            <Facts wide rows={[
              ["Kind", kindOf(c.spec)], ["Does", doing(c.spec)], !outside && ["Interval", c.spec.interval ?? "1m"],
              c.spec.heartbeat && ["Expected", c.spec.heartbeat.cron ? <code className="mono">{c.spec.heartbeat.cron} {c.spec.heartbeat.timeZone ?? "UTC"}</code> : `every ${c.spec.heartbeat.every}`], c.spec.heartbeat && ["Grace", c.spec.heartbeat.grace ?? "5m"],
              c.spec.passive && ["Stale after", c.spec.passive.staleAfter ?? "never"], !outside && ["Timeout", c.spec.timeout],
              ["Retries", needed(c.spec.retries ?? (outside ? 0 : 2))],
              !outside && ["Runs on", spread ? [...(c.spec.locations ?? []), ...(c.spec.locationSelector ? [c.spec.locationSelector] : [])].join(", ") : c.spec.agent || (c.spec.runOn === "agent" ? "the item's agent" : c.spec.runOn) || "the server"], ["Severity", c.spec.severity], ["Team", <TeamName id={c.spec.team} none="common" />],
              Boolean(c.spec.selector) && ["Applies to", <code className="mono">{c.spec.selector}</code>],
              Boolean(c.spec.dependsOn?.length) && ["Depends on", c.spec.dependsOn!.map((d, i) => <span key={d}>{i > 0 && ", "}{c.missing?.includes(d) ? d : <RefLink kind="check" id={d}>{d}</RefLink>}</span>)],
              ["Changed", <TimeAgo at={c.updatedAt} />],
            ]} />
          </Panel>
          <Definition name={c.name} />
          <Changes id={c.id} />
        </>}
      />
      <DocumentEditor what={editing ? { kind: "Check", name: c.name } : undefined} why={fixed} onClose={() => setEditing(false)} onGone={() => void navigate({ to: "/checks" })} />
    </>
  );
}

const needed = (retries: number) => (retries ? `a fault counts after ${retries + 1} in a row` : "a fault counts at once");

function Definition({ name }: { name: string }) {
  const query = useQuery({ ...yamlQuery("Check", name), staleTime: 30_000 });
  return <Panel title="Definition"><Show query={query} lines={4}>{(text) => <pre className={classes.yaml} tabIndex={0}>{text}</pre>}</Show></Panel>;
}

function Results({ check, results, targets }: { check: string; results: CheckResult[] | undefined; targets: Target[] }) {
  const many = targets.length > 1;
  const item = new Map(targets.map((t) => [t.id, t.item]));
  const pictured = results?.find((r) => r.screenshot);
  return (
    <Panel title="Latest results" count={results?.length} flush actions={pictured && <Picture check={check} result={pictured} label="The page it failed on" />}>
      {results?.length ? (
        <div className={classes.results} tabIndex={0} role="region" aria-label="Latest results">
          {results.slice(0, 60).map((r) => (
            <div key={r.target + r.at} className={classes.result}><StateBadge state={r.status} /><span className="cut" title={r.output}>{r.screenshot && <Picture check={check} result={r} />}{many && <><ItemLink id={item.get(r.target)} /> </>}{r.output}</span><span className="num dim">{took(r.duration)}</span><span className="num dim"><At at={r.at} /></span></div>
          ))}
        </div>
      ) : <Empty title="It has not run yet" />}
    </Panel>
  );
}

function Changes({ id }: { id: string }) {
  const query = useQuery(ledgerAbout({ subject: `check/${id}` }));
  return <Panel title="State changes" flush><Show query={query} lines={2}>{(p) => p.items.length ? <Timeline entries={p.items} own={id} /> : <Empty title="None yet" />}</Show></Panel>;
}
