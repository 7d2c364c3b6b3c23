import { Button, Switch, Tabs, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import { declareRules, eventRulesQuery } from "@/api/eventrules";
import type { EventRulesDocument, EventRuleSpec } from "@/api/types";
import { useCan } from "@/app/session";
import { useUrl } from "@/app/url";
import { DocumentEditor } from "@/components/DocumentEditor";
import { Show } from "@/components/Query";
import { useDo } from "@/components/toast";
import { Versions } from "@/components/Versions";
import { StateBadge } from "@/ui/Badges";
import { Empty } from "@/ui/Empty";
import { Mark } from "@/ui/Mark";
import { PageHead, Panel } from "@/ui/Panel";
import classes from "./EventRules.module.css";
import { deeds, faultsOf, moved, trimmed } from "./form";
import { Replay } from "./Replay";
import { RuleFields } from "./RuleFields";
import { Try } from "./Try";

/** One document: its rules in order, what they match, what would have been different, what they were. */
export default function Document() {
  const { name } = useParams({ strict: false }) as { name: string };
  const query = useQuery(eventRulesQuery);
  return (
    <Show query={query} lines={8}>
      {(all) => {
        const doc = all.documents.find((d) => d.name === name);
        return doc ? <Bench key={doc.updatedAt} doc={doc} again={() => void query.refetch()} /> : <><PageHead title={name} /><Empty title="These event rules are not there (any more)"><Link to="/event-rules" className="link">Event rules</Link></Empty></>;
      }}
    </Show>
  );
}

function Bench({ doc, again }: { doc: EventRulesDocument; again: () => void }) {
  const can = useCan();
  const navigate = useNavigate();
  const why = can("alerts:write") ? undefined : "Your role may not change event rules";
  const [search, setUrl] = useUrl();
  const [rules, setRules] = useState<EventRuleSpec[]>(doc.spec.rules);
  const [enabled, setEnabled] = useState(doc.enabled);
  const [reason, setReason] = useState("");
  const [editing, setEditing] = useState(false);
  const [chosen, setChosen] = useState(() => Math.max(0, doc.spec.rules.findIndex((r) => r.name === search.show)));
  const spec = useMemo(() => ({ ...doc.spec, enabled: enabled ? undefined : false, rules: rules.map(trimmed) }), [doc.spec, enabled, rules]);
  const stored = useMemo(() => JSON.stringify({ ...doc.spec, enabled: doc.enabled ? undefined : false, rules: doc.spec.rules.map(trimmed) }), [doc]);
  const dirty = JSON.stringify(spec) !== stored;
  const [settled] = useDebouncedValue(spec, 400);
  const verdict = useQuery({ queryKey: ["event-rules", "verdict", doc.name, settled], queryFn: ({ signal }) => declareRules(doc.name, settled, true, undefined, signal), enabled: dirty && !why, placeholderData: keepPreviousData, retry: false, gcTime: 0 });
  const errors = dirty && verdict.data?.action === "failed" ? verdict.data.errors ?? [] : [];
  const ready = dirty && settled === spec && verdict.data && verdict.data.action !== "failed" && !verdict.isFetching;
  const save = useDo({
    run: async () => {
      const out = await declareRules(doc.name, spec, false, reason);
      if (out.action === "failed") throw new Error((out.errors ?? []).map((e) => `${e.field} ${e.rule}`).join("; ") || out.problem);
    },
    done: enabled ? "The rules act from now on" : "The draft is kept; it does not act", failed: "Not saved", touches: ["event-rules", "document"], then: again,
  });
  const rule = rules[chosen];
  const pick = (i: number) => { setChosen(i); setUrl({ show: rules[i]?.name }); };
  const change = (next: EventRuleSpec) => setRules(rules.map((r, i) => (i === chosen ? next : r)));
  const add = () => {
    let n = rules.length + 1;
    while (rules.some((r) => r.name === `rule ${n}`)) n++;
    setRules([...rules, { name: `rule ${n}`, when: 'event.source == ""' }]);
    setChosen(rules.length);
  };
  const tab = search.tab ?? "rules";
  return (
    <>
      <PageHead title={doc.name} state={<StateBadge state={doc.enabled ? "active" : "draft"} />} sub={doc.spec.description || "Event rules"}
        actions={<><Link to="/event-rules" className="link">Event rules</Link><Button variant="default" onClick={() => setEditing(true)}>Edit document</Button></>} />
      <Tabs value={tab} onChange={(v) => setUrl({ tab: v === "rules" ? undefined : v ?? undefined })} keepMounted={false}>
        <Tabs.List>
          <Tabs.Tab value="rules">Rules</Tabs.Tab>
          <Tabs.Tab value="replay">Replay</Tabs.Tab>
          <Tabs.Tab value="history">History</Tabs.Tab>
        </Tabs.List>
        {dirty && (
          <div className={classes.save} role="status">
            <span className="row">{errors.length > 0 ? <><Mark level="major" /> {errors.length === 1 ? "One thing is" : `${errors.length} things are`} wrong</> : <><Mark level="info" /> Not saved</>}</span>
            <TextInput aria-label="Why it is changed" placeholder="Why is it changed? Kept with the version" value={reason} maxLength={1000} onChange={(e) => setReason(e.currentTarget.value)} style={{ flex: 1, minWidth: "12rem" }} />
            <Button disabled={!ready || Boolean(why)} title={why ?? (ready ? undefined : "It can be saved when nothing is wrong")} loading={save.isPending} onClick={() => save.mutate(undefined)}>{enabled ? "Put in force" : "Save as a draft"}</Button>
            <Button variant="default" onClick={() => { setRules(doc.spec.rules); setEnabled(doc.enabled); setChosen(0); }}>Take back</Button>
          </div>
        )}
        <Tabs.Panel value="rules">
          <div className={classes.bench}>
            <div className={classes.column}>
              <Panel title="Rules in order" count={rules.length} flush actions={<><Switch label="Act" checked={enabled} disabled={Boolean(why)} onChange={(e) => setEnabled(e.currentTarget.checked)} /><Button size="compact-sm" variant="default" disabled={Boolean(why)} title={why} onClick={add}>Add</Button></>}>
                <ol className={classes.list}>
                  {rules.map((r, i) => {
                    const wrong = Object.keys(faultsOf(errors, i)).length > 0;
                    return (
                      <li key={i} data-off={r.enabled === false || undefined}>
                        <button type="button" aria-pressed={i === chosen} onClick={() => pick(i)}>
                          {wrong ? <Mark level="major" size={12} /> : <span className="dim">{i + 1}</span>}
                          <span><strong>{r.name}</strong> <span className="dim">{deeds(r).join("; ")}</span></span>
                        </button>
                      </li>
                    );
                  })}
                </ol>
              </Panel>
              {rule && <RuleFields key={chosen} rule={rule} faults={faultsOf(errors, chosen)} why={why} onChange={change}
                onUp={chosen > 0 ? () => { setRules(moved(rules, chosen, chosen - 1)); setChosen(chosen - 1); } : undefined}
                onDown={chosen < rules.length - 1 ? () => { setRules(moved(rules, chosen, chosen + 1)); setChosen(chosen + 1); } : undefined}
                onRemove={rules.length > 1 ? () => { setRules(rules.filter((_, i) => i !== chosen)); setChosen(Math.max(0, chosen - 1)); } : undefined} />}
            </div>
            <div className={classes.column}>{rule && !why && <Try name={doc.name} spec={settled} when={rule.when ?? ""} failing={errors.length > 0} />}</div>
          </div>
        </Tabs.Panel>
        <Tabs.Panel value="replay"><Replay name={doc.name} spec={settled} why={why ?? (errors.length ? "Something is wrong with the rules" : undefined)} /></Tabs.Panel>
        <Tabs.Panel value="history"><Versions kind="EventRules" name={doc.name} why={why} onRestored={again} /></Tabs.Panel>
      </Tabs>
      <DocumentEditor what={editing ? { kind: "EventRules", name: doc.name } : undefined} why={why} onClose={() => { setEditing(false); again(); }} onGone={() => void navigate({ to: "/event-rules" })} />
    </>
  );
}
