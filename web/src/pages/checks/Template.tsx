import { Button, Checkbox, Modal, Select, TextInput } from "@mantine/core";
import { useState } from "react";
import { setCheck } from "@/api/monitor";
import type { Check, CheckOverride, CheckSpec } from "@/api/types";
import { ItemPicker } from "@/components/ItemPicker";
import { ItemLink } from "@/components/Names";
import { ProblemView } from "@/components/ProblemView";
import { useDo } from "@/components/toast";
import { StateBadge } from "@/ui/Badges";
import { Panel } from "@/ui/Panel";
import { differences, without } from "./override";
import classes from "./Why.module.css";

/** What a template covers, and for which items it is different. */
export function Template({ check: c, why }: { check: Check; why?: string }) {
  const [making, setMaking] = useState(false);
  const overrides = c.spec.overrides ?? [];
  const save = useDo({ run: (spec: CheckSpec) => setCheck(c, spec), done: "The overrides are changed", failed: "The overrides were not changed", touches: ["check", "document"] });
  return (
    <Panel title="Items and overrides" count={c.total.toLocaleString("en")} actions={<Button size="compact-xs" variant="default" disabled={Boolean(why)} title={why} onClick={() => setMaking(true)}>Override for an item</Button>}>
      <div className="stack">
        <div className={classes.counts} aria-label="Items by state">{Object.entries(c.states).map(([state, n]) => <span key={state} className="row" style={{ gap: "0.375rem" }}><StateBadge state={state} /><span className="num">{n.toLocaleString("en")}</span></span>)}</div>
        {overrides.map((o, i) => (
          <div key={i} className="row wrap">
            <span className="grow">{o.item ? <ItemLink id={o.item} /> : <code className="mono">{o.selector ?? o.identities?.map((d) => `${d.kind}=${d.value}`).join(", ")}</code>}: {differences(o).join(", ") || "nothing"}{o.reason && <span className="dim"> – {o.reason}</span>}</span>
            <Button size="compact-xs" variant="default" disabled={Boolean(why)} title={why} aria-label={`Remove override ${i + 1}`} onClick={() => save.mutate(without(c.spec, i))}>Remove</Button>
          </div>
        ))}
        {!overrides.length && <p className="dim">It is the same for all items.</p>}
      </div>
      {making && <MakeOverride check={c} onClose={() => setMaking(false)} />}
    </Panel>
  );
}

const severities = ["info", "warning", "minor", "major", "critical"];

function MakeOverride({ check: c, onClose }: { check: Check; onClose: () => void }) {
  const [item, setItem] = useState("");
  const [reason, setReason] = useState("");
  const [interval, setInterval] = useState("");
  const [retries, setRetries] = useState("");
  const [severity, setSeverity] = useState<string | null>(null);
  const [disabled, setDisabled] = useState(false);
  const override: CheckOverride = {
    item, reason: reason || undefined, interval: interval || undefined, retries: retries === "" ? undefined : Number(retries),
    severity: (severity ?? undefined) as CheckOverride["severity"], disabled: disabled || undefined,
  };
  const save = useDo({ run: () => setCheck(c, { ...c.spec, overrides: [...(c.spec.overrides ?? []), override] }), done: "The override is in place", touches: ["check", "document"], then: onClose });
  return (
    <Modal opened onClose={onClose} title={`Override ${c.name} for an item`} closeButtonProps={{ "aria-label": "Close" }}>
      <form className="stack" onSubmit={(e) => { e.preventDefault(); save.mutate(undefined); }}>
        <ItemPicker label="Item" value={item} onChange={setItem} />
        <Checkbox label="Do not check this item" checked={disabled} onChange={(e) => setDisabled(e.currentTarget.checked)} />
        {!disabled && <>
          <TextInput label="Interval" description="Such as 30s or 5m; empty: as the check" value={interval} onChange={(e) => setInterval(e.currentTarget.value)} />
          <TextInput label="Retries" description="Failing results needed beyond the first; empty: as the check" inputMode="numeric" value={retries} onChange={(e) => setRetries(e.currentTarget.value.replace(/\D/g, ""))} />
          <Select label="Severity" placeholder="As the check" clearable data={severities} value={severity} onChange={setSeverity} />
        </>}
        <TextInput label="Reason" value={reason} onChange={(e) => setReason(e.currentTarget.value)} />
        <p className="dim">Thresholds and parameters are overridden in the definition, under <code className="mono">overrides</code>.</p>
        {save.error && <ProblemView error={save.error} />}
        <Button type="submit" loading={save.isPending} disabled={!item || !differences(override).length}>Override</Button>
      </form>
    </Modal>
  );
}
