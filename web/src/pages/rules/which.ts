// Which items and series a rule's form is about, as its fields hold it.

export type Which = "all" | "class" | "item" | "selector";

export interface Conditions {
  class: string;
  attributes: [name: string, value: string][];
}

const simple = /^class=([a-z0-9_]+)((?: and attributes\.[A-Za-z0-9_.-]+=[^,=<>~!]+?)*)$/;

/** A selector as a class and what its attributes are; undefined when it says more. */
export function conditionsOf(selector: string): Conditions | undefined {
  const m = simple.exec(selector.trim());
  if (!m) return undefined;
  const attributes = (m[2] ?? "").split(" and attributes.").slice(1).map((part): [string, string] => [part.slice(0, part.indexOf("=")), part.slice(part.indexOf("=") + 1)]);
  return attributes.some(([, v]) => v.includes(" and ")) ? undefined : { class: m[1]!, attributes };
}

/** The selector of a class and attributes; lines that are not filled in yet are left out. */
export const selectorOf = (c: Conditions) =>
  c.class && [`class=${c.class}`, ...c.attributes.filter(([k, v]) => k.trim() && v.trim()).map(([k, v]) => `attributes.${k.trim()}=${v.trim().replaceAll(",", "\\,")}`)].join(" and ");

/** How the items of a rule are best shown. */
export const whichOf = (f: { item?: string; items?: string }): Which => (f.item ? "item" : !f.items ? "all" : conditionsOf(f.items) ? "class" : "selector");

/** "mountpoint=/, state=used" as labels; undefined when it cannot be read. */
export function labelsOf(text: string): Record<string, string> | undefined {
  const out: Record<string, string> = {};
  for (const part of text.split(/,(?=\s*[A-Za-z_][\w.]*\s*=)/)) {
    if (!part.trim()) continue;
    const at = part.indexOf("=");
    if (at < 1) return undefined;
    out[part.slice(0, at).trim()] = part.slice(at + 1).trim();
  }
  return out;
}

export const labelText = (labels: Record<string, string> | undefined) => Object.entries(labels ?? {}).map(([k, v]) => `${k}=${v}`).join(", ");
