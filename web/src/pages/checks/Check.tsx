import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { checkQuery, resultsQuery, runCheck } from "@/api/monitor";
import { ledgerAbout } from "@/api/platform";
import type { Check, CheckResult } from "@/api/types";
import { useActions } from "@/app/actions";
import { useCan } from "@/app/session";
import { MetricChart } from "@/components/chart/MetricChart";
import { Json } from "@/components/Json";
import { ItemLink, TeamName } from "@/components/Names";
import { Show } from "@/components/Query";
import { Timeline } from "@/components/Timeline";
import { useDo } from "@/components/toast";
import { StateBadge, Tag } from "@/ui/Badges";
import { Empty } from "@/ui/Empty";
import { Columns, Facts, PageHead, Panel } from "@/ui/Panel";
import { At, TimeAgo } from "@/ui/TimeAgo";
import classes from "./Check.module.css";
import { kindOf, worstStatus } from "./kind";
import { Strip } from "./Strip";
import { Targets } from "./Targets";

export default function CheckPage() {
  const { id } = useParams({ from: "/inside/checks/$id" });
  const query = useQuery(checkQuery(id));
  return <Show query={query} missing="There is no such check">{(c) => <View check={c} />}</Show>;
}

function View({ check: c }: { check: Check }) {
  const can = useCan();
  const results = useQuery(resultsQuery(c.id));
  const why = can("checks:act") ? undefined : "Your role may not run checks";
  const go = useDo({ run: () => runCheck(c.id), done: (r) => `It ran: ${r.status}${r.output ? `, ${r.output.slice(0, 120)}` : ""}`, touches: ["check", "alert"] });
  useActions([{ id: "check-run", label: `Run ${c.name} now`, group: "Actions", keys: "r", disabled: why, run: () => go.mutate(undefined) }]);
  const one = c.targets?.length === 1 ? c.targets[0] : undefined;
  return (
    <>
      <PageHead title={c.name} state={<><StateBadge state={worstStatus((c.targets ?? []).map((t) => t.status))} soft />{c.spec.disabled && <Tag>switched off</Tag>}</>}
        sub={<><span>{kindOf(c.spec)}{c.spec.interval && `, every ${c.spec.interval}`}</span>{one?.item && <span>on <ItemLink id={one.item} /></span>}{one && <span>last run <TimeAgo at={one.checkedAt} /></span>}</>}
        actions={<Button disabled={Boolean(why)} title={why} loading={go.isPending} onClick={() => go.mutate(undefined)}>Run now</Button>} />
      <Columns
        main={<>
          <Panel title={one ? "Why this state" : "State on each item"} count={one ? undefined : c.targets?.length}>
            <div className="stack" style={{ gap: "0.5rem" }}>
              <Targets targets={c.targets ?? []} retries={c.spec.retries} />
              <Show query={results} height={40}>{(p) => <Strip results={p.items} />}</Show>
            </div>
          </Panel>
          <Panel title="Duration"><MetricChart title="How long the check took" query={`mainstay_check_duration_seconds{check="${c.name.replaceAll('"', '\\"')}"}`} unit="seconds" height={170} /></Panel>
          <Results results={results.data?.items} />
        </>}
        side={<>
          <Panel title="About">
            <Facts wide rows={[
              ["Kind", kindOf(c.spec)], ["Interval", c.spec.interval], ["Timeout", c.spec.timeout],
              ["Retries", c.spec.retries ? `a fault counts after ${c.spec.retries + 1} in a row` : "a fault counts at once"],
              ["Runs on", c.spec.agent || c.spec.runOn || "the server"], ["Severity", c.spec.severity], ["Team", <TeamName id={c.spec.team} />],
              ["Depends on", c.spec.dependsOn?.join(", ")], ["Changed", <TimeAgo at={c.updatedAt} />],
            ]} />
          </Panel>
          <Panel title="Definition"><Json value={c.spec} /></Panel>
          <History id={c.id} />
        </>}
      />
    </>
  );
}

function Results({ results }: { results: CheckResult[] | undefined }) {
  return (
    <Panel title="Latest results" count={results?.length} flush>
      {results?.length ? (
        <div className={classes.results} tabIndex={0} role="region" aria-label="Latest results">
          {results.slice(0, 40).map((r) => (
            <div key={r.target + r.at} className={classes.result}><StateBadge state={r.status} /><span className="cut" title={r.output}>{r.output}</span><span className="num dim">{r.duration}</span><span className="num dim"><At at={r.at} /></span></div>
          ))}
        </div>
      ) : <Empty title="It has not run yet" />}
    </Panel>
  );
}

function History({ id }: { id: string }) {
  const query = useQuery(ledgerAbout({ subject: `check/${id}` }));
  return <Panel title="State changes" flush><Show query={query} lines={2}>{(p) => p.items.length ? <Timeline entries={p.items} own={id} /> : <Empty title="None yet" />}</Show></Panel>;
}
