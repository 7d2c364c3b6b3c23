import type { Alert, Matcher } from "@/api/types";

const signs: Record<string, Pick<Matcher, "isEqual" | "isRegex">> = {
  "=": { isEqual: true, isRegex: false }, "!=": { isEqual: false, isRegex: false }, "=~": { isEqual: true, isRegex: true }, "!~": { isEqual: false, isRegex: true },
};
export const signList = [{ value: "=", label: "is" }, { value: "!=", label: "is not" }, { value: "=~", label: "matches" }, { value: "!~", label: "does not match" }];

export const signOf = (m: Pick<Matcher, "isEqual" | "isRegex">) => (m.isRegex ? (m.isEqual ? "=~" : "!~") : m.isEqual ? "=" : "!=");
export const withSign = (m: Matcher, sign: string): Matcher => ({ ...m, ...signs[sign]! });
export const emptyMatcher = (): Matcher => ({ name: "", value: "", isEqual: true, isRegex: false });

/** A matcher as it is written everywhere: name="value". */
export const textOf = (m: Matcher) => `${m.name}${signOf(m)}"${m.value}"`;

/** Those that say something: a name, and a value (or "is not" nothing: the label is there). */
export const complete = (list: Matcher[]) => list.filter((m) => m.name.trim() && (m.value !== "" || !m.isEqual)).map((m) => ({ ...m, name: m.name.trim() }));

// What tells apart the instances of a fault rather than the fault.
const noisy = new Set(["__name__", "pid", "uid", "pod_template_hash"]);

/** What an alert and its repetitions have in common: its item when it has one, its title, its labels otherwise. */
export function matchersOf(a: Pick<Alert, "title" | "item" | "labels" | "source">): Matcher[] {
  const is = (name: string, value: string): Matcher => ({ name, value, isEqual: true, isRegex: false });
  const labels = a.labels ?? {};
  const out = labels.alertname ? [is("alertname", labels.alertname)] : [is("alertname", a.title)];
  if (a.item) out.push(is("item", a.item));
  else for (const [name, value] of Object.entries(labels)) if (name !== "alertname" && value && !noisy.has(name)) out.push(is(name, value));
  return out;
}

/** Text that a regular expression takes literally (RE2 syntax). */
const literal = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

/** Matchers that fit all of several alerts: what they share, and alternatives of what tells them apart. */
export function matchersOfAll(alerts: Pick<Alert, "title" | "item" | "labels" | "source">[]): Matcher[] {
  if (alerts.length === 1) return matchersOf(alerts[0]!);
  const lists = alerts.map((a) => new Map(matchersOf(a).map((m) => [m.name, m.value])));
  const out: Matcher[] = [];
  for (const name of lists[0]?.keys() ?? []) {
    const values = lists.map((l) => l.get(name));
    if (values.some((v) => v === undefined)) continue;
    const distinct = [...new Set(values as string[])];
    out.push(distinct.length === 1 ? { name, value: distinct[0]!, isEqual: true, isRegex: false } : { name, value: distinct.map(literal).join("|"), isEqual: true, isRegex: true });
  }
  return out.filter((m) => m.value.length <= 1000);
}
