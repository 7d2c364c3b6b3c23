import type { CheckOverride, CheckSpec } from "@/api/types";

/** What an override makes different, in words. */
export function differences(o: CheckOverride): string[] {
  const out: string[] = [];
  if (o.disabled !== undefined) out.push(o.disabled ? "not checked" : "checked");
  if (o.interval) out.push(`every ${o.interval}`);
  if (o.retryInterval) out.push(`again after ${o.retryInterval}`);
  if (o.retries !== undefined) out.push(`${o.retries} ${o.retries === 1 ? "retry" : "retries"}`);
  if (o.severity) out.push(`severity ${o.severity}`);
  for (const [k, v] of Object.entries(o.parameters ?? {})) out.push(`${k} = ${v}`);
  for (const [k, v] of Object.entries(o.labels ?? {})) out.push(`label ${k}=${v}`);
  out.push(...leaves(o.measure ?? {}));
  return out;
}

function leaves(value: unknown, path = ""): string[] {
  if (value !== null && typeof value === "object" && !Array.isArray(value)) return Object.entries(value).flatMap(([k, v]) => leaves(v, path ? `${path}.${k}` : k));
  return path ? [value === null ? `without ${path}` : `${path} ${Array.isArray(value) ? value.join(", ") : String(value)}`] : [];
}

/** The definition without one of its overrides. */
export const without = (spec: CheckSpec, at: number): CheckSpec => ({ ...spec, overrides: spec.overrides?.filter((_, i) => i !== at) });
