import type { CheckResult } from "@/api/types";
import { took } from "@/format/time";
import { StateBadge } from "@/ui/Badges";
import { Empty } from "@/ui/Empty";
import { Panel } from "@/ui/Panel";
import { At } from "@/ui/TimeAgo";
import classes from "./Why.module.css";

/** What each location found in the newest result. */
export function Locations({ result, agree }: { result: CheckResult | undefined; agree: number | undefined }) {
  const votes = result?.votes ?? [];
  const needed = agree || Math.floor(votes.length / 2) + 1;
  return (
    <Panel title="Locations" count={votes.length || undefined} hint={votes.length ? `a fault holds when ${needed} agree` : undefined} flush>
      {votes.length ? votes.map((v) => (
        <div key={v.place} className={classes.line}><StateBadge state={v.away ? "away" : v.state} /><span className="cut" title={v.output}><strong>{v.place}</strong> {v.output}</span><span className="num dim">{v.away ? "" : took(v.duration)}</span><span className="num dim"><At at={v.at} /></span></div>
      )) : <Empty title="It has not run yet" />}
    </Panel>
  );
}
