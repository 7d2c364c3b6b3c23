import type { SituationDetail } from "@/api/types";
import { RefLink } from "@/components/RefLink";
import { Panel } from "@/ui/Panel";
import { TimeAgo } from "@/ui/TimeAgo";
import classes from "./Situation.module.css";

/** The most likely cause, and the reasoning as a list a person can check. */
export function Cause({ situation: s }: { situation: SituationDetail }) {
  const cause = s.rootCause;
  const before = (s.causes ?? []).filter((c) => c.item !== cause?.item);
  return (
    <Panel title="Root cause">
      {!cause?.item && !cause?.reasons?.length ? <p className="dim">No item stands out yet: the failing items do not depend on each other.</p> : (
        <div className="stack">
          <div className={classes.cause}>
            <span className={classes.name}><RefLink kind="item" id={cause.item}>{cause.itemName}</RefLink></span>
            <Confidence value={cause.confidence} />
            {cause.alert && <RefLink kind="alert" id={cause.alert}>its alert</RefLink>}
          </div>
          <ol className={classes.reasons}>{cause.reasons.map((r) => <li key={r}>{r}</li>)}</ol>
          {before.length > 0 && (
            <p className="dim">Earlier: {before.map((c, i) => <span key={`${c.item}${c.at}`}>{i > 0 && ", "}<RefLink kind="item" id={c.item}>{c.itemName}</RefLink> <TimeAgo at={c.at} /></span>)}. A later alert moved it.</p>
          )}
        </div>
      )}
    </Panel>
  );
}

function Confidence({ value }: { value: number }) {
  const percent = Math.round(value * 100);
  return (
    <span className={classes.confidence} title="How much the evidence sets this item apart from the next candidate">
      <span className={classes.meter} aria-hidden="true"><span style={{ width: `${percent}%` }} /></span>
      {percent} % sure
    </span>
  );
}
