import type { LogRulePreview, LogRuleSpec, LogRuleStatus } from "@/api/types";
import { plural } from "@/format/number";

/** A name for a metric or rule from what is searched for: "app:shop payment" is payment_errors' cousin app_shop_payment. */
export const nameOf = (query: string, joint: string) => query.toLowerCase().replace(/[^a-z0-9]+/g, joint).replace(new RegExp(`^[${joint}0-9]+|[${joint}]+$`, "g"), "").slice(0, 60);

/** The state a rule is shown in. */
export function ruleState(r: LogRuleStatus): string {
  if (r.spec.disabled) return "disabled";
  if (r.error) return "error";
  if (r.open > 0) return "firing";
  return r.at ? "ok" : "pending";
}

/** What a rule would have done, in a sentence. */
export function sentence(p: LogRulePreview, spec: LogRuleSpec, range: string): string {
  const seen = `${plural(p.records, "line")} in the last ${range}${p.groups > 1 ? `, in ${plural(p.groups, "group")}` : ""}`;
  if (!spec.event) return `${seen}.`;
  if (!p.fired) return `${seen}: it would not have fired.`;
  const still = p.firings.filter((f) => !f.to).length;
  return `${seen}: it would have fired ${p.fired === 1 ? "once" : `${p.fired.toLocaleString("en")} times`}${still ? `, and ${still === p.fired ? "" : `${still} `}still would` : ""}.`;
}

/** The lines of a preview as series, their times in seconds. */
export function seriesOf(p: LogRulePreview) {
  const start = Date.parse(p.start) / 1000;
  return p.lines.map((l) => ({ labels: l.labels, points: l.values.map((v, i) => [start + (i + 1) * p.step, v] as [number, number]) }));
}

export const groupName = (labels: Record<string, string>, itemName?: string) => {
  const rest = Object.entries(labels).filter(([k]) => k !== "item").map(([k, v]) => `${k}=${v}`).join(" ");
  return [itemName, rest].filter(Boolean).join(" ") || (labels.item ? `item ${labels.item.slice(-6)}` : "all lines");
};

/** The specification without what is empty: as a document says it. */
export function tidy(s: LogRuleSpec): LogRuleSpec {
  const out: LogRuleSpec = { ...s };
  if (out.pattern) delete out.query;
  else delete out.pattern;
  if (!out.by?.length) delete out.by;
  if (!out.every) delete out.every;
  if (!out.metric) delete out.metric;
  if (out.event) out.event = { ...out.event, window: out.event.window || undefined };
  else delete out.event;
  if (!out.disabled) delete out.disabled;
  return out;
}
