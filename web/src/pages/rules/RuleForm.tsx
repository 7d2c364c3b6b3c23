import { Button, Modal, Select, Textarea, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { createRule, setRule } from "@/api/monitor";
import { teamsQuery } from "@/api/platform";
import { queryNow } from "@/api/telemetry";
import type { MetricRule, RuleSpec } from "@/api/types";
import { useCan } from "@/app/session";
import { nameSeries } from "@/components/chart/MetricChart";
import { ProblemView } from "@/components/ProblemView";
import { useDo } from "@/components/toast";
import { count, plural } from "@/format/number";
import { Mark } from "@/ui/Mark";
import { Preview } from "./Preview";

const severities = ["info", "warning", "minor", "major", "critical"] as const;

/** A rule by hand. What the expression gives now is shown while it is written. */
export function RuleForm({ rule, expr = "", onClose, onDone }: { rule?: MetricRule; expr?: string; onClose: () => void; onDone?: (r: MetricRule) => void }) {
  const teams = useQuery(teamsQuery);
  const can = useCan();
  const [name, setName] = useState(rule?.name ?? "");
  const [spec, setSpec] = useState<RuleSpec>(rule?.spec ?? { expr, for: "5m", severity: "major" });
  const put = (change: Partial<RuleSpec>) => setSpec((s) => ({ ...s, ...change }));
  const clean = () => Object.fromEntries(Object.entries(spec).filter(([, v]) => v !== "" && v !== undefined && v !== null)) as RuleSpec;
  const save = useDo({ run: () => (rule ? setRule(rule, clean()) : createRule(name.trim(), clean())), done: `${name} was saved`, touches: ["metric-rule", "document"], then: (r) => { onClose(); onDone?.(r); } });
  return (
    <Modal opened onClose={onClose} size="lg" title={rule ? `Metric rule ${rule.name}` : "Make a metric rule"} closeButtonProps={{ "aria-label": "Close" }}>
      <form className="stack" onSubmit={(e) => { e.preventDefault(); save.mutate(undefined); }}>
        <TextInput label="Name" required disabled={Boolean(rule)} data-autofocus={!rule} value={name} onChange={(e) => setName(e.currentTarget.value)} />
        <Textarea label="Fires when" description="PromQL; every series it gives is a fault, and its label item names the item" required autosize minRows={2} styles={{ input: { fontFamily: "var(--mantine-font-family-monospace)" } }}
          placeholder="system_filesystem_utilization > 0.9" value={spec.expr} onChange={(e) => put({ expr: e.currentTarget.value })} />
        <Now expr={spec.expr} />
        {can("metrics:read") && <Preview spec={clean()} />}
        <div className="row wrap" style={{ alignItems: "flex-start", gap: "0.75rem" }}>
          <TextInput label="For at least" description="Such as 5m; empty: at once" style={{ flex: 1, minWidth: "8rem" }} value={spec.for ?? ""} onChange={(e) => put({ for: e.currentTarget.value })} />
          <TextInput label="Evaluated every" description="Empty: 1m" style={{ flex: 1, minWidth: "8rem" }} value={spec.interval ?? ""} onChange={(e) => put({ interval: e.currentTarget.value })} />
          <Select label="Severity" description="Of its alerts" data={[...severities]} allowDeselect={false} style={{ flex: 1, minWidth: "8rem" }} value={spec.severity ?? "major"} onChange={(v) => put({ severity: v as RuleSpec["severity"] })} />
        </div>
        <TextInput label="Title of the alert" description="{{ $labels.item }} and {{ $value | humanize }} are filled in" value={spec.title ?? ""} onChange={(e) => put({ title: e.currentTarget.value })} />
        <TextInput label="Description" value={spec.description ?? ""} onChange={(e) => put({ description: e.currentTarget.value })} />
        <Select label="Team" placeholder="Common" clearable data={(teams.data?.items ?? []).map((t) => ({ value: t.id, label: t.name }))} value={spec.team ?? null} onChange={(v) => put({ team: v ?? undefined })} />
        {save.error && <ProblemView error={save.error} />}
        <Button type="submit" loading={save.isPending} disabled={!name.trim() || !spec.expr.trim()}>Save</Button>
      </form>
    </Modal>
  );
}

/** What the expression gives at this moment. */
function Now({ expr }: { expr: string }) {
  const can = useCan();
  const [settled] = useDebouncedValue(expr.trim(), 500);
  const query = useQuery({ queryKey: ["metric", "try", settled], queryFn: ({ signal }) => queryNow(settled, signal), enabled: Boolean(settled) && can("metrics:read"), retry: false });
  if (!settled) return null;
  if (query.error) return <p className="row" role="status"><Mark level="major" /><span>{query.error.message}</span></p>;
  if (!query.data) return <p className="dim" role="status">Asking…</p>;
  const names = nameSeries(query.data.map((s) => ({ labels: s.labels })));
  return (
    <p className="row" role="status" style={{ alignItems: "flex-start" }}><Mark level={query.data.length ? "minor" : "clear"} style={{ marginTop: 3 }} />
      <span>{query.data.length ? <>It gives {plural(query.data.length, "series", "series")} now: {query.data.slice(0, 3).map((s, i) => `${names[i]} = ${count(s.value)}`).join("; ")}{query.data.length > 3 && ", …"}</> : "It gives no series now: it would not fire."}</span></p>
  );
}
