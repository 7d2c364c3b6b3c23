import type { ProcessingRule } from "@/api/types";

type Spec = ProcessingRule["spec"];

/** Which records a rule is for, in a line. */
export function whenOf(spec: Spec): string {
  const w = spec.when;
  if (!w) return "all records";
  const parts = [w.app, w.host, w.level, w.dataset, w.receiver].map((list, i) => list?.length ? `${["app", "host", "level", "dataset", "receiver"][i]} ${list.join(", ")}` : "");
  return [...parts, w.contains && `with "${w.contains}"`, w.expression].filter(Boolean).join("; ") || "all records";
}

/** What a rule does, in a line. */
export function stepsOf(spec: Spec): string {
  return spec.steps.map((s) => {
    if (s.parse) return `parse ${s.parse.format}`;
    if (s.set) return `set ${s.set.field}`;
    if (s.rename) return `rename ${s.rename.from}`;
    if (s.dropFields) return "drop fields";
    if (s.drop) return "drop";
    if (s.level) return `level from ${s.level.from}`;
    if (s.timestamp) return `time from ${s.timestamp.from}`;
    if (s.dataset) return `into ${s.dataset}`;
    return "mask";
  }).join(", ") || "nothing";
}

/** A document that says what a built-in rule does; JSON is YAML, too. */
export function yamlOfRule(r: ProcessingRule): string {
  const steps = r.spec.steps.map((s) => `    - ${JSON.stringify(s)}\n`).join("");
  return `kind: LogProcessing\nname: ${r.name}\nspec:\n  description: ${JSON.stringify(r.spec.description ?? "")}\n  steps:\n${steps}`;
}
