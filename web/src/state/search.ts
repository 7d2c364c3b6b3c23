// The query string as plain text: repeated keys for lists, no JSON, so that an
// address can be read and written by a person.

/** Everything a page keeps in its address. */
export interface Search {
  from?: string;
  to?: string;
  q?: string;
  where?: string[];
  sort?: string;
  columns?: string[];
  /** The record whose drawer is open. */
  show?: string;
  tab?: string;
  /** As-of time of a historical view. */
  at?: string;
  /** Of the map. */
  group?: string;
  focus?: string;
  hops?: string;
  open?: string[];
  view?: string;
  /** Where to go after signing in. */
  next?: string;
  /** What went wrong on the way here. */
  error?: string;
  /** The step whose output is shown. */
  step?: string;
  /** Values of a dashboard's variables: "job=api", one entry each. */
  var?: string[];
  /** The item a generated dashboard is about. */
  item?: string;
  /** How often a dashboard is read again: "30s", or "off". */
  refresh?: string;
  /** Nothing but the dashboard is shown. */
  kiosk?: string;
  /** The one panel that is shown. */
  panel?: string;
  /** Expressions that are explored. */
  expr?: string[];
  /** How far back the compared time lies. */
  compare?: string;
  /** "no": long lines are cut. */
  wrap?: string;
  /** "utc", or else the viewer's. */
  zone?: string;
  /** The search is a form. */
  form?: string;
  /** Datasets of logs that are searched; all that may be read when absent. */
  dataset?: string[];
}

const lists = new Set(["where", "columns", "open", "var", "expr", "dataset"]);
const known = new Set([
  "from", "to", "q", "where", "sort", "columns", "show", "tab", "at", "group", "focus", "hops", "open", "view", "next", "step", "error",
  "var", "item", "refresh", "kiosk", "panel", "expr", "compare", "wrap", "zone", "form", "dataset",
]);

export function parseSearch(text: string): Record<string, string | string[]> {
  const out: Record<string, string | string[]> = {};
  const params = new URLSearchParams(text);
  for (const key of new Set(params.keys())) {
    const values = params.getAll(key).filter((v) => v !== "");
    if (values.length === 0) continue;
    out[key] = lists.has(key) ? values : values[values.length - 1]!;
  }
  return out;
}

export function stringifySearch(search: Record<string, unknown>): string {
  const params = new URLSearchParams();
  for (const [key, value] of Object.entries(search)) {
    if (Array.isArray(value)) for (const v of value) params.append(key, String(v));
    else if (value !== undefined && value !== null && value !== "") params.append(key, String(value));
  }
  // Comparison signs are legal in a query string and far easier to read.
  const text = params.toString().replace(/%3A/g, ":").replace(/%2C/g, ",").replace(/%2F/g, "/").replace(/%3E/g, ">");
  return text ? `?${text}` : "";
}

/** Drops what no page knows, so that a typing error cannot linger in the address. */
export function validateSearch(raw: Record<string, unknown>): Search {
  const out: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(raw)) {
    if (!known.has(key) || value === undefined || value === "") continue;
    if (lists.has(key)) out[key] = Array.isArray(value) ? value.map(String) : [String(value)];
    else out[key] = Array.isArray(value) ? String(value[value.length - 1]) : String(value);
  }
  return out as Search;
}
