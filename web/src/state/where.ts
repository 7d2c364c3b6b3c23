// Conditions of a list as the API takes them: field, operator, one or more
// values, e.g. "severity>=major" or "state=open,acknowledged".

export type Operator = "=" | "!=" | ">=" | "<=" | ">" | "<" | "~";

export interface Condition {
  field: string;
  operator: Operator;
  values: string[];
}

const operators: Operator[] = [">=", "<=", "!=", "=", ">", "<", "~"];

export function parseCondition(text: string): Condition | undefined {
  const m = /^([A-Za-z][\w.]*)\s*(>=|<=|!=|=|>|<|~)\s*(.*)$/.exec(text.trim());
  if (!m || m[3] === "") return undefined;
  return { field: m[1]!, operator: m[2] as Operator, values: m[3]!.split(",").map((v) => v.trim()).filter(Boolean) };
}

export const formatCondition = (c: Condition) => `${c.field}${c.operator}${c.values.join(",")}`;

const words: Record<Operator, string> = {
  "=": "is", "!=": "is not", ">=": "at least", "<=": "at most", ">": "more than", "<": "less than", "~": "contains",
};

/** A condition as a person says it. */
export function describeCondition(c: Condition, label?: string): string {
  return `${label ?? c.field} ${words[c.operator]} ${c.values.join(" or ")}`;
}

export const operatorWord = (o: Operator) => words[o];
export const allOperators = operators;

/** Adds a condition; one that says the same is not doubled. */
export function withCondition(where: string[] | undefined, c: Condition): string[] {
  const text = formatCondition(c);
  return [...(where ?? []).filter((w) => w !== text), text];
}

/** Replaces what is said of a field by equality; no values removes it. */
export function withValues(where: string[] | undefined, field: string, values: string[]): string[] | undefined {
  const rest = (where ?? []).filter((w) => {
    const c = parseCondition(w);
    return !(c && c.field === field && c.operator === "=");
  });
  const out = values.length ? [...rest, formatCondition({ field, operator: "=", values })] : rest;
  return out.length ? out : undefined;
}

export function valuesOf(where: string[] | undefined, field: string): string[] {
  for (const w of where ?? []) {
    const c = parseCondition(w);
    if (c && c.field === field && c.operator === "=") return c.values;
  }
  return [];
}

/** The sort after clicking a column: ascending, descending, then the default. */
export function nextSort(current: string | undefined, field: string): string | undefined {
  if (current === field) return `-${field}`;
  if (current === `-${field}`) return undefined;
  return field;
}
