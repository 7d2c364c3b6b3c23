import { Button, Checkbox, TextInput, Textarea } from "@mantine/core";
import { useId, useState, type ReactNode } from "react";
import type { EventRuleSpec } from "@/api/types";
import { Mark } from "@/ui/Mark";
import { Panel } from "@/ui/Panel";
import classes from "./EventRules.module.css";
import { escalation, lines, pairs, steps } from "./form";
import { Lookups } from "./Lookups";

type Set = NonNullable<EventRuleSpec["set"]>;
const fields: { name: keyof Set; label: string; hint: string }[] = [
  { name: "severity", label: "Severity", hint: "critical, or an expression" },
  { name: "title", label: "Title", hint: 'item.name + ": " + event.title' },
  { name: "key", label: "Key", hint: "what makes events one alert" },
  { name: "kind", label: "Kind", hint: 'event.title.contains("up") ? "clear" : "problem"' },
  { name: "team", label: "Team", hint: '"network"' },
];
const known = ["owner", "site", "service", "team", "name", "class"] as const;

interface Props {
  rule: EventRuleSpec;
  faults: Record<string, string>;
  why?: string;
  onChange: (r: EventRuleSpec) => void;
  onUp?: () => void;
  onDown?: () => void;
  onRemove?: () => void;
}

/** One rule as a form; what is wrong is told at its place. */
export function RuleFields({ rule, faults, why, onChange, onUp, onDown, onRemove }: Props) {
  const [labels, setLabels] = useState(lines(rule.labels));
  const [stages, setStages] = useState(steps(rule.escalate));
  const off = Boolean(why);
  const put = (change: Partial<EventRuleSpec>) => onChange({ ...rule, ...change });
  const count = (text: string) => Number(text.replace(/\D/g, "")) || 0;
  const faultOf = (prefix: string) => Object.entries(faults).find(([f]) => f === prefix || f.startsWith(`${prefix}.`) || f.startsWith(`${prefix}[`))?.[1];
  const text = (label: string, value: string | undefined, set: (v: string) => void, hint?: string, fault?: string) => (
    <Line label={label} fault={fault}>{(id) => <TextInput id={id} size="xs" classNames={{ input: classes.code }} value={value ?? ""} placeholder={hint} readOnly={off} aria-invalid={Boolean(fault)} onChange={(e) => set(e.currentTarget.value)} />}</Line>
  );
  return (
    <Panel title={rule.name || "The rule"} hint="CEL over event, item and row"
      actions={<>
        <Button size="compact-sm" variant="default" disabled={off || !onUp} aria-label="Ask it earlier" title="Ask it earlier" onClick={onUp}>↑</Button>
        <Button size="compact-sm" variant="default" disabled={off || !onDown} aria-label="Ask it later" title="Ask it later" onClick={onDown}>↓</Button>
        <Button size="compact-sm" variant="default" disabled={off || !onRemove} title={onRemove ? undefined : "A document holds at least one rule"} onClick={onRemove}>Remove</Button>
      </>}>
      {faults[""] && <p className={classes.wrong} role="alert"><Mark level="major" size={12} /> {faults[""]}</p>}
      {text("Name", rule.name, (name) => put({ name }), undefined, faults.name)}
      <Line label="When" fault={faults.when}>{(id) => <Textarea id={id} size="xs" classNames={{ input: classes.code }} autosize minRows={1} maxRows={8} placeholder="every event" value={rule.when ?? ""} readOnly={off} aria-invalid={Boolean(faults.when)} onChange={(e) => put({ when: e.currentTarget.value })} />}</Line>
      <h3 className={classes.part}>Make of the event</h3>
      <Lookups list={rule.lookup ?? []} faults={faults} off={off} onChange={(lookup) => put({ lookup })} />
      {fields.map((f) => <div key={f.name}>{text(f.label, rule.set?.[f.name], (v) => put({ set: { ...rule.set, [f.name]: v } }), f.hint, faults[`set.${f.name}`])}</div>)}
      <Line label="Labels" fault={faultOf("labels")}>{(id) => <Textarea id={id} size="xs" classNames={{ input: classes.code }} autosize minRows={1} maxRows={8} placeholder="rack = row.rack" value={labels} readOnly={off} onChange={(e) => { setLabels(e.currentTarget.value); put({ labels: pairs(e.currentTarget.value) }); }} />}</Line>
      <div className={classes.field} role="group" aria-label="From the graph"><span>From the graph</span><span className="row wrap">{known.map((k) => <Checkbox key={k} size="xs" label={k} disabled={off} checked={rule.enrich?.includes(k) ?? false} onChange={(e) => put({ enrich: known.filter((x) => (x === k ? e.currentTarget.checked : rule.enrich?.includes(x))) })} />)}</span></div>
      {text("Clears", rule.clears, (clears) => put({ clears }), "key of the alert that this event clears", faults.clears)}
      <h3 className={classes.part}>Hold back and remember</h3>
      {text("Hold", rule.hold, (hold) => put({ hold }), "30s: an alert only if it is not cleared by then", faults.hold)}
      <Line label="Threshold" fault={faultOf("threshold")}>{(id) => (
        <span className={classes.few}>
          <TextInput id={id} size="xs" aria-label="Events" placeholder="5" value={rule.threshold?.count || ""} readOnly={off} onChange={(e) => put({ threshold: e.currentTarget.value ? { within: "1m", ...rule.threshold, count: count(e.currentTarget.value) } : undefined })} />
          <span className="dim">within</span><TextInput size="xs" aria-label="Within" placeholder="1m" value={rule.threshold?.within ?? ""} disabled={!rule.threshold} readOnly={off} onChange={(e) => rule.threshold && put({ threshold: { ...rule.threshold, within: e.currentTarget.value } })} />
          <span className="dim">by</span><TextInput size="xs" aria-label="Counted by" classNames={{ input: classes.code }} placeholder="event.key" value={rule.threshold?.by ?? ""} disabled={!rule.threshold} readOnly={off} onChange={(e) => rule.threshold && put({ threshold: { ...rule.threshold, by: e.currentTarget.value || undefined } })} />
        </span>
      )}</Line>
      <Line label="Flapping" fault={faultOf("flapping")}>{(id) => (
        <span className={classes.few}>
          <TextInput id={id} size="xs" aria-label="Changes" placeholder="4" value={rule.flapping?.changes || ""} readOnly={off} onChange={(e) => put({ flapping: e.currentTarget.value ? { within: "5m", calm: "10m", ...rule.flapping, changes: count(e.currentTarget.value) } : undefined })} />
          <span className="dim">within</span><TextInput size="xs" aria-label="Within" placeholder="5m" value={rule.flapping?.within ?? ""} disabled={!rule.flapping} readOnly={off} onChange={(e) => rule.flapping && put({ flapping: { ...rule.flapping, within: e.currentTarget.value } })} />
          <span className="dim">calm</span><TextInput size="xs" aria-label="Calm for" placeholder="10m" value={rule.flapping?.calm ?? ""} disabled={!rule.flapping} readOnly={off} onChange={(e) => rule.flapping && put({ flapping: { ...rule.flapping, calm: e.currentTarget.value } })} />
        </span>
      )}</Line>
      <Line label="Storm above" fault={faultOf("storm")}>{(id) => (
        <span className={classes.few}>
          <TextInput id={id} size="xs" aria-label="Events" placeholder="100" value={rule.storm?.rate || ""} readOnly={off} onChange={(e) => put({ storm: e.currentTarget.value ? { per: "1m", ...rule.storm, rate: count(e.currentTarget.value) } : undefined })} />
          <span className="dim">in</span><TextInput size="xs" aria-label="In" placeholder="1m" value={rule.storm?.per ?? ""} disabled={!rule.storm} readOnly={off} onChange={(e) => rule.storm && put({ storm: { ...rule.storm, per: e.currentTarget.value } })} />
          <span className="dim">by</span><TextInput size="xs" aria-label="Source by" classNames={{ input: classes.code }} placeholder="event.source" value={rule.storm?.by ?? ""} disabled={!rule.storm} readOnly={off} onChange={(e) => rule.storm && put({ storm: { ...rule.storm, by: e.currentTarget.value || undefined } })} />
        </span>
      )}</Line>
      {text("Expire", rule.expire, (expire) => put({ expire }), "1h: clears by itself when nothing repeats it", faults.expire)}
      <Line label="Escalate" fault={faultOf("escalate")}>{(id) => <Textarea id={id} size="xs" classNames={{ input: classes.code }} autosize minRows={1} maxRows={6} placeholder="15m critical" value={stages} readOnly={off} onChange={(e) => { setStages(e.currentTarget.value); put({ escalate: escalation(e.currentTarget.value) }); }} />}</Line>
      <h3 className={classes.part}>And then</h3>
      <div className="row wrap">
        <Checkbox size="xs" label="Drop it: no alert, recorded" disabled={off} checked={rule.drop ?? false} onChange={(e) => put({ drop: e.currentTarget.checked, discard: false })} />
        <Checkbox size="xs" label="Discard it: only counted" disabled={off} checked={rule.discard ?? false} onChange={(e) => put({ discard: e.currentTarget.checked, drop: false })} />
        <Checkbox size="xs" label="Ask no further rule" disabled={off} checked={rule.stop ?? false} onChange={(e) => put({ stop: e.currentTarget.checked })} />
        <Checkbox size="xs" label="Switched off" disabled={off} checked={rule.enabled === false} onChange={(e) => put({ enabled: e.currentTarget.checked ? false : undefined })} />
      </div>
      {(faults.drop || faults.discard) && <p className={classes.wrong} role="alert"><Mark level="major" size={12} /> {faults.drop ?? faults.discard}</p>}
    </Panel>
  );
}

function Line({ label, fault, children }: { label: string; fault?: string; children: (id: string) => ReactNode }) {
  const id = useId();
  return (
    <div className={classes.field}>
      <label htmlFor={id}>{label}</label>
      {children(id)}
      {fault && <span className={classes.wrong} role="alert"><Mark level="major" size={12} /> {fault}</span>}
    </div>
  );
}
