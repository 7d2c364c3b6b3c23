import type { Candidate, SituationDetail } from "@/api/types";
import { ItemLink } from "@/components/Names";
import { RefLink } from "@/components/RefLink";
import { targetOf } from "@/components/refs";
import { Tag } from "@/ui/Badges";
import { Panel } from "@/ui/Panel";
import classes from "./Situation.module.css";

/** The most likely cause, the reasoning as a list a person can check, and who else was in question. */
export function Cause({ situation: s }: { situation: SituationDetail }) {
  const root = s.candidates.find((c) => (s.rootItem ? c.item === s.rootItem : c.alert === s.rootAlert)) ?? s.candidates[0];
  const others = s.candidates.filter((c) => c !== root).slice(0, 4);
  if (!root) return <Panel title="Root cause"><p className="dim">No item stands out yet: the failing items do not depend on each other.</p></Panel>;
  return (
    <Panel title="Root cause">
      <div className="stack">
        <div className={classes.cause}>
          <span className={classes.name}>{root.item ? <ItemLink id={root.item} name={root.name} /> : root.name}</span>
          <Confidence value={s.confidence || root.confidence} />
          {s.confirmed && <Tag>confirmed{s.confirmedBy ? ` by ${s.confirmedBy}` : ""}</Tag>}
          {root.alert && <RefLink kind="alert" id={root.alert}>its alert</RefLink>}
        </div>
        <Reasons of={root} />
        {others.length > 0 && (
          <details>
            <summary className="dim">Also considered: {others.map((c) => c.name).join(", ")}</summary>
            {others.map((c) => (
              <div key={c.alert + c.item} style={{ marginTop: "0.5rem" }}>
                <div className={classes.cause}><strong>{c.item ? <ItemLink id={c.item} name={c.name} /> : c.name}</strong><Confidence value={c.confidence} /></div>
                <Reasons of={c} />
              </div>
            ))}
          </details>
        )}
      </div>
    </Panel>
  );
}

/** Each reason links what it speaks of, so that it can be checked. */
function Reasons({ of }: { of: Candidate }) {
  return (
    <ol className={classes.reasons}>
      {(of.reasons ?? []).map((r, i) => (
        <li key={i}>
          {r.text}{" "}
          {(r.refs ?? []).filter((f) => targetOf(f.kind, f.id)).slice(0, 4).map((f) => f.kind === "item" ? <span key={f.id}><ItemLink id={f.id} /> </span> : <span key={f.id}><RefLink kind={f.kind} id={f.id}>{f.kind}</RefLink> </span>)}
        </li>
      ))}
    </ol>
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
