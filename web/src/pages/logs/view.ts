// What the address says of how lines are shown.

export interface Shown {
  field: string;
  /** In pixels; undefined: as wide as suits the field. */
  width?: number;
}

export const usual = ["host", "app"];

/** "host", or "host@140": a field, and how wide it is. "-" alone is no column at all. */
export function columnsOf(chosen: readonly string[] | undefined): Shown[] {
  const list = chosen?.length ? chosen.filter((c) => c !== "-") : usual;
  return list.map((c) => {
    const m = /^(.+)@(\d+)$/.exec(c);
    return m ? { field: m[1]!, width: Math.min(1200, Math.max(40, Number(m[2]))) } : { field: c };
  });
}

export function written(columns: readonly Shown[]): string[] | undefined {
  if (columns.length === usual.length && columns.every((c, i) => c.field === usual[i] && c.width === undefined)) return undefined;
  return columns.length ? columns.map((c) => (c.width ? `${c.field}@${Math.round(c.width)}` : c.field)) : ["-"];
}

export const withColumn = (columns: readonly Shown[], field: string) => (columns.some((c) => c.field === field) ? columns.filter((c) => c.field !== field) : [...columns, { field }]);

export function moved(columns: readonly Shown[], field: string, by: -1 | 1): Shown[] {
  const at = columns.findIndex((c) => c.field === field), to = at + by;
  if (at < 0 || to < 0 || to >= columns.length) return [...columns];
  const out = [...columns];
  [out[at], out[to]] = [out[to]!, out[at]!];
  return out;
}

const track = (c: Shown) => (c.width ? `${c.width}px` : c.field === "host" || c.field === "item" ? "8.5rem" : "6.5rem");
/** The grid of a line: its time, its level, the columns, the message. */
export const tracks = (columns: readonly Shown[], utc: boolean) => `${utc ? "6.5rem" : "5.9rem"} 0.875rem ${columns.map(track).join(" ")} minmax(12rem, 1fr)`;

const pad = (n: number, to = 2) => String(n).padStart(to, "0");

/** 14:05:09.123, in the viewer's zone or as UTC (with a Z). */
export function timeOf(at: number, utc: boolean): string {
  const d = new Date(at);
  return utc ? `${pad(d.getUTCHours())}:${pad(d.getUTCMinutes())}:${pad(d.getUTCSeconds())}.${pad(d.getUTCMilliseconds(), 3)}Z`
    : `${pad(d.getHours())}:${pad(d.getMinutes())}:${pad(d.getSeconds())}.${pad(d.getMilliseconds(), 3)}`;
}

export function dayOf(at: number, utc: boolean): string {
  const d = new Date(at);
  return utc ? `${d.getUTCFullYear()}-${pad(d.getUTCMonth() + 1)}-${pad(d.getUTCDate())}` : `${d.getFullYear()}-${pad(d.getMonth() + 1)}-${pad(d.getDate())}`;
}

/** Pages of lines, the newest first, as one list. A page ends at a time and the next begins at it, so the lines of that time come from the next. */
export function joined<T extends { _time?: string }>(pages: readonly { items: readonly T[] }[]): T[] {
  const out: T[] = [];
  pages.forEach((p, i) => {
    const last = p.items.at(-1)?._time;
    const next = pages[i + 1];
    // A next page that says nothing new of that time does not take its lines away.
    const again = next?.items.some((r) => r._time === last) ?? false;
    out.push(...(again ? p.items.filter((r) => r._time !== last) : p.items));
  });
  return out;
}

/** Where the next page ends; undefined when no more can be had this way, because one moment fills a page. */
export function nextEnd(items: readonly { _time?: string }[]): string | undefined {
  const last = items.at(-1)?._time;
  return last !== undefined && items[0]?._time !== last ? last : undefined;
}

// What says where a record comes from, and what is shown as something else.
const envelope = /^(_|(item|host|app|level|pattern|dataset|index|truncated|full_message|severity_(text|number)|(trace|span)_?id|tid|message_id)$|syslog[._]|code_|(network|process|resource|log|fluent|service|telemetry|journal)\.)/i;
const telling = ["error", "err", "exception"];

/** The fields that a message alone does not say, for behind it: those of trouble first. */
export function rest(record: Record<string, string | undefined>, columns: readonly string[]): [field: string, value: string][] {
  const message = record._msg ?? "";
  const said = (value: string) => message.includes(value);
  const all = Object.entries(record).filter((f): f is [string, string] => Boolean(f[1]) && !envelope.test(f[0]) && !columns.includes(f[0]) && !said(f[1]!));
  const rank = (field: string) => (telling.includes(field) ? 0 : 1);
  all.sort(([a], [b]) => rank(a) - rank(b) || a.localeCompare(b));
  const out: [string, string][] = [];
  let room = 240;
  for (const [field, value] of all) {
    const short = value.length > 120 ? `${value.slice(0, 119)}…` : value;
    room -= field.length + short.length + 2;
    if (room < 0) break;
    out.push([field, short.replace(/\s+/g, " ")]);
  }
  return out;
}
