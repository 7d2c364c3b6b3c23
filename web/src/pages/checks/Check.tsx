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
import { Show } from "@/components/Query";
import { RefLink } from "@/components/RefLink";
import { Timeline } from "@/components/Timeline";
import { useDo } from "@/components/toast";
import { seconds } from "@/format/number";
import { StateBadge, Tag } from "@/ui/Badges";
import { Empty } from "@/ui/Empty";
import { Columns, Facts, PageHead, Panel } from "@/ui/Panel";
import { At, TimeAgo } from "@/ui/TimeAgo";
import classes from "./Check.module.css";
import { Strip } from "./Strip";
import { stateSentence } from "./sentence";

export default function CheckPage() {
  const { id } = useParams({ from: "/inside/checks/$id" });
  const query = useQuery(checkQuery(id));
  return <Show query={query} missing="There is no such check">{(c) => <View check={c} />}</Show>;
}

function View({ check: c }: { check: Check }) {
  const can = useCan();
  const results = useQuery(resultsQuery(c.id));
  const why = can("checks:act") ? undefined : "Your role may not run checks";
  const go = useDo({ run: () => runCheck(c.id), done: (r) => `It ran: ${r.state}${r.message ? `, ${r.message}` : ""}`, touches: ["check", "alert"] });
  useActions([{ id: "check-run", label: `Run ${c.name} now`, group: "Actions", keys: "r", disabled: why, run: () => go.mutate(undefined) }]);
  return (
    <>
      <PageHead title={c.name} state={<><StateBadge state={c.state} soft />{c.stateType === "soft" && <Tag>soft</Tag>}{c.paused && <Tag>paused</Tag>}</>}
        sub={<><span>{c.kind}{c.interval && `, every ${c.interval}`}</span>{c.item && <span>on <RefLink kind="item" id={c.item}>{c.itemName}</RefLink></span>}<span>last run <TimeAgo at={c.lastAt} /></span></>}
        actions={<Button disabled={Boolean(why)} title={why} loading={go.isPending} onClick={() => go.mutate(undefined)}>Run now</Button>} />
      <Columns
        main={<>
          <Panel title="Why this state">
            <div className="stack" style={{ gap: "0.375rem" }}>
              <p>{stateSentence(c)}</p>
              {c.message && <p className={classes.message}>{c.message}</p>}
              <Show query={results} height={40}>{(p) => <Strip results={p.items} />}</Show>
            </div>
          </Panel>
          <Panel title="Latency"><MetricChart title="Duration of the check" query={`max(mainstay_check_duration_seconds{check="${c.id}"} or mainstay_check_latency_seconds{check="${c.id}"})`} unit="seconds" height={170} /></Panel>
          <Results results={results.data?.items} />
        </>}
        side={<>
          <Panel title="About">
            <Facts wide rows={[
              ["Kind", c.kind], ["Interval", c.interval], ["Timeout", c.timeout],
              ["Retries", c.maxAttempts ? `a fault counts after ${c.maxAttempts}` : undefined],
              ["Runs on", c.agent || "the server"], ["Next run", <TimeAgo at={c.nextAt} />], ["State since", <At at={c.changedAt} />],
            ]} />
          </Panel>
          {c.spec && <Panel title="Definition"><Json value={c.spec} /></Panel>}
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
        <div className={classes.results}>
          {results.slice(0, 30).map((r) => (
            <div key={r.at} className={classes.result}><StateBadge state={r.state} /><span className="cut" title={r.message}>{r.message}</span><span className="num dim">{r.latency === undefined ? "" : seconds(r.latency)}</span><span className="num dim"><At at={r.at} /></span></div>
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
