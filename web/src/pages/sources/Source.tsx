import { Button, TextInput, Textarea } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { useState } from "react";
import { payloadsQuery, saveSource, sourcesQuery, trialQuery } from "@/api/sources";
import type { EventMapping, EventSource, SourcePayload, SourceTrialResult } from "@/api/types";
import { Problem } from "@/api/client";
import { useCan } from "@/app/session";
import { Copy } from "@/components/Copy";
import { DocumentEditor } from "@/components/DocumentEditor";
import { Show } from "@/components/Query";
import { useDo } from "@/components/toast";
import { StateBadge, SeverityBadge, Tag } from "@/ui/Badges";
import { Empty } from "@/ui/Empty";
import { Mark } from "@/ui/Mark";
import { PageHead, Panel } from "@/ui/Panel";
import { TimeAgo } from "@/ui/TimeAgo";
import { fields, labelsOf, linesOf, pretty, trimmed } from "./mapping";
import classes from "./Source.module.css";

/** One source: where to post, what came last, and what is made of it. */
export default function Source() {
  const { name } = useParams({ strict: false }) as { name: string };
  const query = useQuery(sourcesQuery);
  return (
    <Show query={query} lines={8}>
      {(list) => {
        const source = list.find((s) => s.name === name);
        return source ? <Bench key={source.updatedAt} source={source} again={() => void query.refetch()} /> : <Empty title={`There is no event source ${name} (any more)`}><Link to="/event-sources" className="link">Event sources</Link></Empty>;
      }}
    </Show>
  );
}

function Bench({ source, again }: { source: EventSource; again: () => void }) {
  const can = useCan();
  const why = can("alerts:write") ? undefined : "Your role may not change event sources";
  const [editing, setEditing] = useState(false);
  const [chosen, setChosen] = useState<string>();
  const [body, setBody] = useState("");
  const [mapping, setMapping] = useState<EventMapping | undefined>(source.spec.mapping);
  const [labels, setLabels] = useState(linesOf(source.spec.mapping?.labels));
  const payloads = useQuery({ ...payloadsQuery(source.name), enabled: !why });
  const picked = payloads.data?.find((p) => p.id === chosen) ?? (body ? undefined : payloads.data?.[0]);
  const spec = { ...source.spec, mapping: mapping && trimmed({ ...mapping, labels: labelsOf(labels) }) };
  const [tried] = useDebouncedValue(spec, 300);
  const [text] = useDebouncedValue(body, 300);
  const signed = source.spec.format === "sns";
  const trial = useQuery({ ...trialQuery(tried, picked?.id, text), ...(why || signed ? { enabled: false } : {}) });
  const wrong = Object.fromEntries([...(trial.data?.errors ?? []), ...(trial.error instanceof Problem ? trial.error.fields : [])].map((e) => [e.field.replace(/^(spec\.)?mapping\./, ""), e.rule]));
  const dirty = JSON.stringify(spec) !== JSON.stringify({ ...source.spec, mapping: source.spec.mapping && trimmed(source.spec.mapping) });
  const save = useDo({ run: () => saveSource(source.name, spec), done: "The mapping is in force", touches: ["event-source"], then: again });
  const address = `${location.origin}${source.path}`;
  return (
    <>
      <PageHead title={source.name} state={<StateBadge state={source.spec.disabled ? "disabled" : "active"} />} sub={source.title}
        actions={<><Link to="/event-sources" className="link">Event sources</Link><Button variant="default" onClick={() => setEditing(true)}>Edit document</Button></>} />
      <div className={classes.bench}>
        <div className={classes.column}>
          <Panel title="Where to post">
            <div className="stack">
            <Copy value={address} label="Copy the address" />
            <p className="dim">With an API token that may take events in: as a bearer token, or as the password of basic authentication. <Link to="/tokens" className="link">Make a token</Link></p>
            <Copy value={`curl -u :$TOKEN -H 'Content-Type: application/json' --data @event.json ${address}`} label="Copy the command" />
            </div>
          </Panel>
          {mapping && (
            <Panel title="Mapping" hint="CEL over body, headers, query and it" actions={<Button size="compact-sm" disabled={Boolean(why) || !dirty || Object.keys(wrong).length > 0} title={why ?? (dirty ? undefined : "Nothing has changed")} loading={save.isPending} onClick={() => save.mutate(undefined)}>Put in force</Button>}>
              {fields.map((f) => (
                <div key={f.name} className={classes.field}>
                  <label htmlFor={`map-${f.name}`}>{f.label}</label>
                  <TextInput id={`map-${f.name}`} size="xs" classNames={{ input: classes.code }} placeholder={f.hint} value={mapping[f.name] ?? ""} readOnly={Boolean(why)} aria-invalid={Boolean(wrong[f.name])} onChange={(e) => setMapping({ ...mapping, [f.name]: e.currentTarget.value })} />
                  {wrong[f.name] && <span className={classes.wrong}><Mark level="major" size={12} /> {wrong[f.name]}</span>}
                </div>
              ))}
              <div className={classes.field}>
                <label htmlFor="map-labels">Labels</label>
                <Textarea id="map-labels" size="xs" classNames={{ input: classes.code }} autosize minRows={2} placeholder="env = it.env" value={labels} readOnly={Boolean(why)} onChange={(e) => setLabels(e.currentTarget.value)} />
              </div>
            </Panel>
          )}
        </div>
        <div className={classes.column}>
          <Panel title="What came last" flush count={payloads.data?.length || undefined}>
            {why ? <p className="dim">Your role may not see what was posted.</p> : <Payloads list={payloads.data} picked={picked?.id} onPick={(id) => { setChosen(id); setBody(""); }} />}
          </Panel>
          {!why && !signed && (
            <Panel title={picked ? "The delivery" : "Try a body"} actions={picked && <Button size="compact-sm" variant="subtle" onClick={() => { setBody(pretty(picked.body)); setChosen("none"); }}>Change it</Button>}>
              {picked ? <pre className={classes.body} tabIndex={0}>{pretty(picked.body)}</pre>
                : <Textarea aria-label="Body to try" autosize minRows={6} maxRows={20} classNames={{ input: classes.code }} value={body} onChange={(e) => setBody(e.currentTarget.value)} placeholder={'{"alerts": [{"name": "…"}]}'} />}
            </Panel>
          )}
          {!why && !signed && (picked || text) && <Panel title="What is made of it"><Made result={trial.data} problem={trial.error} /></Panel>}
        </div>
      </div>
      <DocumentEditor what={editing ? { kind: "EventSource", name: source.name } : undefined} why={why} onClose={() => { setEditing(false); again(); }} />
    </>
  );
}

function Payloads({ list, picked, onPick }: { list: SourcePayload[] | undefined; picked: string | undefined; onPick: (id: string) => void }) {
  if (!list?.length) return <Empty title="Nothing has been posted yet">The last twenty deliveries will be here, with what became of them.</Empty>;
  return (
    <ul className={classes.payloads}>
      {list.map((p) => (
        <li key={p.id}>
          <button type="button" aria-pressed={p.id === picked} onClick={() => onPick(p.id)}>
            {p.refused ? <Mark level="major" size={12} /> : <span />}
            <TimeAgo at={p.at} />
            <span title={p.said}>{p.refused ? p.said : p.taken ? `${p.taken} taken` : p.said || "nothing to take"}</span>
          </button>
        </li>
      ))}
    </ul>
  );
}

function Made({ result, problem }: { result: SourceTrialResult | undefined; problem: Error | null }) {
  if (problem) return <p role="alert">{problem instanceof Problem && problem.fields.length ? problem.fields.map((f) => `${f.field} ${f.rule}`).join("; ") : problem.message}</p>;
  if (!result) return <p className="dim">…</p>;
  if (result.errors?.length) return <div role="alert"><ul className={classes.events}>{result.errors.map((e, i) => <li key={i}><span><Mark level="major" size={12} /> <span className="mono">{e.field}</span> {e.rule}</span></li>)}</ul></div>;
  return (
    <>
      {result.note && <p className="dim">{result.note}</p>}
      {result.acknowledged?.map((key) => <p key={key}>Acknowledges the alert <span className="mono">{key}</span></p>)}
      {!result.events.length && !result.acknowledged?.length && !result.note && <p className="dim">No event: nothing fits.</p>}
      <ul className={classes.events}>
        {result.events.map((e, i) => (
          <li key={i}>
            <span className="row wrap"><SeverityBadge severity={e.kind === "clear" ? "clear" : e.severity} /> <strong>{e.title || e.key}</strong></span>
            <span className="row wrap dim">
              <Tag>{e.kind}</Tag>{e.key && <Tag>key={e.key}</Tag>}{e.identities?.map((id, n) => <Tag key={n}>{id.kind}={id.value}</Tag>)}{Object.entries(e.labels ?? {}).map(([k, v]) => <Tag key={k}>{k}={v}</Tag>)}
            </span>
            {e.description && <span className="dim">{e.description}</span>}
          </li>
        ))}
      </ul>
    </>
  );
}
