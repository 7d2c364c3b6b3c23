import type { EventMapping } from "@/api/types";

/** The fields of a mapping in the order people fill them in. */
export const fields: { name: Exclude<keyof EventMapping, "labels">; label: string; hint: string }[] = [
  { name: "each", label: "Each", hint: "a list, when one delivery has many events: body.alerts" },
  { name: "when", label: "Only when", hint: 'it.state != "pending"' },
  { name: "title", label: "Title", hint: 'it.name + " on " + it.host' },
  { name: "severity", label: "Severity", hint: "it.level: critical, error, high, warn, ok …" },
  { name: "kind", label: "Kind", hint: 'it.ok ? "clear" : "problem"' },
  { name: "key", label: "Key", hint: "what makes events one alert: it.id" },
  { name: "host", label: "Host", hint: "name or address of the item: it.host" },
  { name: "description", label: "Description", hint: 'it.?detail.orValue("")' },
  { name: "at", label: "At", hint: "it.timestamp" },
  { name: "url", label: "Link", hint: "it.link" },
];

/** Labels as lines of name = expression. */
export const linesOf = (labels: Record<string, string> | undefined) => Object.entries(labels ?? {}).map(([name, text]) => `${name} = ${text}`).join("\n");

export function labelsOf(lines: string): Record<string, string> | undefined {
  const out: Record<string, string> = {};
  for (const line of lines.split("\n")) {
    const at = line.indexOf("=");
    const name = line.slice(0, at).trim();
    const text = line.slice(at + 1).trim();
    if (at > 0 && name && text) out[name] = text;
  }
  return Object.keys(out).length ? out : undefined;
}

/** A mapping without what is empty. */
export const trimmed = (m: EventMapping): EventMapping =>
  ({ title: "", ...Object.fromEntries(Object.entries(m).filter(([, v]) => v !== undefined && v !== "")) });

/** JSON as people read it; anything else as it is. */
export function pretty(body: string): string {
  try {
    return JSON.stringify(JSON.parse(body), null, 2);
  } catch {
    return body;
  }
}
