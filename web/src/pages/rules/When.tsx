import { Autocomplete, Checkbox, NumberInput, Select, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { baselinesQuery } from "@/api/foresight";
import { metricsQuery } from "@/api/promql";
import type { RuleWhen } from "@/api/types";
import { useCan } from "@/app/session";
import { Items } from "./Items";
import { labelsOf, labelText } from "./which";

type Function = RuleWhen["function"];

const functions: { value: Function; label: string }[] = [
  { value: "value", label: "Value now" }, { value: "average", label: "Average over" }, { value: "maximum", label: "Maximum over" }, { value: "minimum", label: "Minimum over" },
  { value: "rate", label: "Rate a second over" }, { value: "increase", label: "Growth over" }, { value: "percent", label: "In percent of" },
  { value: "absent", label: "Not measured for" }, { value: "reaches", label: "Forecast: will reach" }, { value: "unusual", label: "Outside its baseline" },
];
const timed = new Set<Function>(["average", "maximum", "minimum", "rate", "increase", "absent", "reaches", "unusual"]);
const compares: { value: NonNullable<RuleWhen["compare"]>; label: string }[] = [{ value: "above", label: "is above" }, { value: "atLeast", label: "is at least" }, { value: "below", label: "is below" }, { value: "atMost", label: "is at most" }];

/** What a change of the function makes of the rest. */
export function withFunction(f: RuleWhen, to: Function): RuleWhen {
  return {
    ...f, function: to, unit: undefined,
    over: timed.has(to) ? f.over ?? (to === "reaches" ? "6h" : to === "absent" ? "10m" : "5m") : undefined,
    within: to === "reaches" ? f.within ?? "24h" : undefined, of: to === "percent" ? f.of : undefined, perItem: to === "percent" ? f.perItem : undefined,
    baseline: to === "unusual" ? f.baseline : undefined, compare: to === "absent" ? undefined : to === "unusual" ? "atLeast" : f.compare ?? "above", value: to === "absent" ? undefined : to === "unusual" ? 0.5 : f.value,
  };
}

/** The form's fields; units are those that the server names for it. */
export function When({ form, onChange, units }: { form: RuleWhen; onChange: (f: RuleWhen) => void; units: readonly string[] }) {
  const can = useCan();
  const names = useQuery({ ...metricsQuery, enabled: can("metrics:read") });
  const baselines = useQuery({ ...baselinesQuery, enabled: form.function === "unusual" });
  const [labels, setLabels] = useState(() => labelText(form.labels));
  const put = (change: Partial<RuleWhen>) => onChange({ ...form, ...change });
  const wide = { flex: 1, minWidth: "8rem" };
  const metric = (label: string, value: string | undefined, set: (v: string) => void) => (
    <Autocomplete label={label} required={form.function !== "unusual"} placeholder="system_filesystem_utilization" data={names.data ?? []} limit={50} value={value ?? ""} onChange={set} style={{ flex: 2, minWidth: "14rem" }} />
  );
  return (
    <div className="stack" style={{ gap: "0.5rem" }}>
      <div className="row wrap" style={{ alignItems: "flex-end", gap: "0.75rem" }}>
        {metric("When the metric", form.metric, (v) => put({ metric: v.trim() || undefined, unit: undefined }))}
        <Select label="Looked at as" data={functions} allowDeselect={false} value={form.function} onChange={(v) => v && onChange(withFunction(form, v as Function))} style={{ flex: 1, minWidth: "11rem" }} />
        {timed.has(form.function) && <TextInput label={form.function === "absent" ? "For" : form.function === "reaches" ? "Going on as in the last" : "Over"} placeholder="10m" value={form.over ?? ""} onChange={(e) => put({ over: e.currentTarget.value.trim() || undefined })} style={wide} />}
      </div>
      {form.function === "percent" && (
        <div className="row wrap" style={{ alignItems: "flex-end", gap: "0.75rem" }}>
          {metric("In percent of the metric", form.of, (v) => put({ of: v.trim() || undefined }))}
          <Checkbox label="Sum for each item first" checked={Boolean(form.perItem)} onChange={(e) => put({ perItem: e.currentTarget.checked || undefined })} style={{ flex: 1, paddingBottom: "0.4rem" }} />
        </div>
      )}
      {form.function === "unusual" && <Select label="Baseline" required searchable data={(baselines.data ?? []).map((b) => b.name)} nothingFoundMessage="No baseline watches anything yet" value={form.baseline ?? null} onChange={(v) => put({ baseline: v ?? undefined })} />}
      <Items form={form} put={put} />
      <TextInput label="Only series with" placeholder="mountpoint=/, state=used" value={labels} error={labelsOf(labels) ? undefined : "Such as mountpoint=/"} onChange={(e) => {
        setLabels(e.currentTarget.value);
        const read = labelsOf(e.currentTarget.value);
        if (read) put({ labels: Object.keys(read).length ? read : undefined });
      }} />
      {form.function !== "absent" && (
        <div className="row wrap" style={{ alignItems: "flex-end", gap: "0.75rem" }}>
          <Select label="Comparison" data={form.function === "reaches" ? compares.filter((c) => c.value.startsWith("at")).map((c) => ({ ...c, label: c.value === "atLeast" ? "rises to" : "falls to" })).concat(compares.filter((c) => c.value === form.compare && !c.value.startsWith("at"))) : compares}
            allowDeselect={false} value={form.compare ?? "above"} onChange={(v) => put({ compare: (v ?? "above") as RuleWhen["compare"] })} style={wide} />
          <NumberInput label={form.function === "unusual" ? "Score, 0 to 1" : "Value"} value={form.value ?? ""} onChange={(v) => put({ value: typeof v === "number" ? v : undefined })} style={wide} />
          {units.length > 1 && <Select label="Unit" data={units.map((u) => ({ value: u, label: u || "as measured" }))} allowDeselect={false} value={form.unit ?? ""} onChange={(v) => put({ unit: v || undefined })} style={wide} />}
          {form.function === "reaches" && <TextInput label="Within" placeholder="24h" value={form.within ?? ""} onChange={(e) => put({ within: e.currentTarget.value.trim() || undefined })} style={wide} />}
        </div>
      )}
    </div>
  );
}
