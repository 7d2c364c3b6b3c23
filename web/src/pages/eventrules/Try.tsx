import { useDebouncedValue } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { matchesQuery, stepsQuery } from "@/api/eventrules";
import type { EventRulesSpec } from "@/api/types";
import { Problem } from "@/api/client";
import { ProblemView } from "@/components/ProblemView";
import { plural } from "@/format/number";
import { SeverityBadge, SeverityMark, Tag } from "@/ui/Badges";
import { Empty, Loading } from "@/ui/Empty";
import { Mark } from "@/ui/Mark";
import { Panel } from "@/ui/Panel";
import { TimeAgo } from "@/ui/TimeAgo";
import classes from "./EventRules.module.css";

/** The last recorded events that the condition matches, and what all rules make of one of them. */
export function Try({ name, spec, when, failing }: { name: string; spec: EventRulesSpec; when: string; failing: boolean }) {
  const [asked] = useDebouncedValue(when, 500);
  const [chosen, setChosen] = useState<string>();
  const matches = useQuery(matchesQuery(asked));
  const p = matches.data;
  const picked = p?.events.find((e) => e.id === chosen) ?? p?.events[0];
  const wrong = matches.error instanceof Problem && matches.error.fields.length > 0;
  return (
    <>
      <Panel title="Matches" flush count={p?.matched} hint={p ? `of the last ${plural(p.scanned, "event")}${p.failed ? `, ${p.failed} could not be evaluated` : ""}` : undefined}>
        {wrong ? <p className={classes.note}>The condition cannot be evaluated yet.</p> : matches.error ? <ProblemView error={matches.error} retry={() => void matches.refetch()} /> : !p ? <Loading lines={5} /> : !p.events.length ? (
          <Empty title={p.scanned ? "No recorded event matches" : "No event has been recorded yet"}>{p.failure && <span className="mono">{p.failure}</span>}</Empty>
        ) : (
          <ul className={classes.matches} aria-label="Events that match">
            {p.events.map((e) => (
              <li key={e.id}>
                <button type="button" aria-pressed={e.id === picked?.id} onClick={() => setChosen(e.id)}>
                  <SeverityMark severity={e.event.kind === "clear" ? "clear" : e.event.severity} />
                  <TimeAgo at={e.arrived} />
                  <span title={e.event.title}>{e.event.title || e.event.key}</span>
                  <span className="dim">{e.effect}</span>
                </button>
              </li>
            ))}
          </ul>
        )}
      </Panel>
      {picked && <Panel title="What the rules make of it" hint="with what is written here, switched on">{failing ? <p className="dim">Something is wrong with the rules.</p> : <Steps id={picked.id} name={name} spec={spec} />}</Panel>}
    </>
  );
}

const outcomes: Record<string, string> = { passes: "It acts on its alert at once", dropped: "It is dropped", discarded: "It is discarded", remembered: "Rules that remember decide" };

function Steps({ id, name, spec }: { id: string; name: string; spec: EventRulesSpec }) {
  const query = useQuery(stepsQuery(id, name, spec));
  const s = query.data;
  if (query.error) return <ProblemView error={query.error} retry={() => void query.refetch()} />;
  if (!s) return <Loading lines={4} />;
  const e = s.before;
  return (
    <div className="stack">
      <div className="row wrap"><SeverityBadge severity={e.kind === "clear" ? "clear" : e.severity} /><Tag>source={e.source}</Tag><Tag>key={e.key}</Tag>{Object.entries(e.labels ?? {}).map(([k, v]) => <Tag key={k}>{k}={v}</Tag>)}</div>
      <ol className={classes.stages}>
        {s.stages.map((st, i) => (
          <li key={i}>
            <span className="row">{st.failure ? <Mark level="minor" size={12} /> : <Mark level="info" size={12} />}<strong>{st.rule}</strong>{!st.failure && !st.changes.length && <span className="dim">matched</span>}</span>
            {st.failure && <span className="mono">{st.failure}</span>}
            {st.changes.map((c) => <span key={c.field} className={classes.change}><span className="dim">{c.field}</span> <del>{c.before}</del> <ins>{c.after || "(none)"}</ins></span>)}
          </li>
        ))}
      </ol>
      {!s.stages.length && <p className="dim">None of {plural(s.asked, "rule")} matches it.</p>}
      <p><strong>{outcomes[s.outcome]}</strong>{s.left.length > 0 && <>: {s.left.join(", ")}</>}{s.clears.length > 0 && <>. It clears {s.clears.map((k) => <Tag key={k}>{k}</Tag>)}</>}</p>
    </div>
  );
}
