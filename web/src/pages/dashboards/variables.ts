// Variables: how their values are chosen in the address, and how they are put
// into expressions and texts, as users of Grafana expect it.

import type { Variable } from "@/api/dashboards";

/** Everything, in the address. */
export const everything = "$__all";

export interface Option {
  value: string;
  text: string;
}

/** The chosen values of each variable. */
export type Values = Record<string, string[]>;

/** What an expression is filled with. */
export interface Filling {
  values: Values;
  /** What there is to choose, for "everything". */
  options: Record<string, Option[]>;
  /** Of the range, in seconds. */
  step: number;
  from: number;
  to: number;
}

/** The values in the address: "job=api", one entry for each. */
export function readValues(entries: string[] | undefined): Values {
  const out: Values = {};
  for (const e of entries ?? []) {
    const at = e.indexOf("=");
    if (at > 0) out[e.slice(0, at)] = [...(out[e.slice(0, at)] ?? []), e.slice(at + 1)];
  }
  return out;
}

export const writeValues = (values: Values): string[] | undefined => {
  const out = Object.entries(values).flatMap(([name, list]) => list.map((v) => `${name}=${v}`));
  return out.length ? out : undefined;
};

/** The values that hold: those of the address, else those declared, else the first there is. */
export function chosen(v: Variable, inAddress: string[] | undefined, options: Option[] | undefined): string[] {
  if (inAddress?.length) return v.multi ? inAddress : inAddress.slice(0, 1);
  if (v.default?.length) return v.multi ? v.default : v.default.slice(0, 1);
  if (v.kind === "text") return [""];
  if (v.all) return [everything];
  return options?.[0] ? [options[0].value] : [];
}

/** The values of a label that a variable's regular expression leaves, in order. */
export function optionsOf(values: string[], regex: string | undefined): Option[] {
  let pattern: RegExp | undefined;
  try {
    pattern = regex ? new RegExp(regex) : undefined;
  } catch {
    pattern = undefined;
  }
  const kept = pattern ? values.flatMap((v) => { const m = pattern.exec(v); return m ? [m[1] ?? v] : []; }) : values;
  return [...new Set(kept)].sort((a, b) => a.localeCompare(b, undefined, { numeric: true })).map((v) => ({ value: v, text: v }));
}

const reference = /\$([A-Za-z_]\w*)|\$\{([A-Za-z_]\w*)(?:[.:](\w+))?\}|\[\[([A-Za-z_]\w*)(?:[.:](\w+))?\]\]/g;

/** The variables a text names. */
export const named = (text: string): string[] => [...new Set([...text.matchAll(reference)].map((m) => (m[1] ?? m[2] ?? m[4])!))];

/** Backslashes are doubled: the value stands in a string of PromQL. */
const escaped = (v: string) => v.replace(/[\\^$.*+?()[\]{}|]/g, "\\\\$&");

export function windowOf(seconds: number): string {
  return `${Math.max(1, Math.round(seconds))}s`;
}

/** Rates need four samples' distance to be safe from one that is missing; samples are 15 s apart or so. */
export const rateWindow = (step: number) => Math.max(step + 15, 60);

function builtin(name: string, f: Filling): string | undefined {
  const range = Math.max(1, Math.round((f.to - f.from) / 1000));
  switch (name) {
    case "__interval": return windowOf(f.step);
    case "__interval_ms": return String(f.step * 1000);
    case "__rate_interval": return windowOf(rateWindow(f.step));
    case "__rate_interval_ms": return String(rateWindow(f.step) * 1000);
    case "__range": return `${range}s`;
    case "__range_s": return String(range);
    case "__range_ms": return String(range * 1000);
    case "__from": return String(Math.round(f.from));
    case "__to": return String(Math.round(f.to));
  }
}

/** The values of a variable; "everything" is all there is to choose. */
export function valuesOf(name: string, f: Filling): string[] | undefined {
  const list = f.values[name];
  if (!list) return undefined;
  return list.includes(everything) ? (f.options[name] ?? []).map((o) => o.value) : list;
}

function formatted(values: string[], format: string | undefined): string {
  switch (format) {
    case "raw": case "csv": return values.join(",");
    case "pipe": return values.join("|");
    case "glob": return values.length === 1 ? values[0]! : `{${values.join(",")}}`;
    case "json": return JSON.stringify(values);
  }
  // One value is a text, so that = works; several are a regular expression.
  if (values.length === 1 && format !== "regex") return values[0]!.replace(/[\\"]/g, "\\$&");
  const parts = values.map(escaped);
  return parts.length === 1 ? parts[0]! : `(${parts.join("|")})`;
}

/** PromQL with the variables' values; with keepTimes, those of the time range stay. */
export function fill(text: string, f: Filling, keepTimes = false): string {
  return text.replace(reference, (whole, a: string, b: string, format: string, c: string, other: string) => {
    const name = a ?? b ?? c;
    const own = builtin(name, f);
    if (own !== undefined) return keepTimes ? whole : own;
    const values = valuesOf(name, f);
    return values ? formatted(values, format ?? other) : whole;
  });
}

/** A text for people, with the variables as they are shown. */
export function say(text: string, f: Filling): string {
  return text.replace(reference, (whole, a: string, b: string, _f: string, c: string) => {
    const name = a ?? b ?? c;
    const own = builtin(name, f);
    if (own !== undefined) return own;
    const list = f.values[name];
    if (!list) return whole;
    if (list.includes(everything)) return "all";
    return list.map((v) => f.options[name]?.find((o) => o.value === v)?.text ?? v).join(" + ");
  });
}

/** An order in which each variable comes after those its query names; a circle is left as it is. */
export function inOrder(variables: Variable[]): Variable[] {
  const out: Variable[] = [];
  const left = [...variables];
  while (left.length) {
    const at = left.findIndex((v) => !named(`${v.query ?? ""} ${v.selector ?? ""}`).some((n) => n !== v.name && left.some((o) => o.name === n)));
    out.push(...left.splice(Math.max(at, 0), 1));
  }
  return out;
}
