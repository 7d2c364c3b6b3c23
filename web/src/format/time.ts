// Times as an operator reads them: short beside the record, exact on demand.

const minute = 60_000, hour = 60 * minute, day = 24 * hour;

export function ago(at: number, now: number): string {
  const d = now - at;
  const past = d >= 0;
  const a = Math.abs(d);
  if (a < 5_000) return "now";
  return past ? `${age(a)} ago` : `in ${age(a)}`;
}

/** A duration in whole seconds, minutes …: what a person says of how old something is. */
export const age = (ms: number): string => duration(Math.round(ms / 1000) * 1000).replace(/^0 µs$/, "0 s");

/** One or two units: "45 s", "12 min", "3 h 05 min", "4 d 2 h". */
export function duration(ms: number): string {
  if (!Number.isFinite(ms)) return "–";
  if (ms < 0) return `-${duration(-ms)}`;
  if (ms < 1) return `${(ms * 1000).toFixed(0)} µs`;
  if (ms < 1000) return `${ms < 10 ? Number(ms.toFixed(1)) : Math.round(ms)} ms`;
  if (ms < minute) return `${ms < 10_000 && ms % 1000 >= 50 ? Number((ms / 1000).toFixed(1)) : Math.floor(ms / 1000)} s`;
  if (ms < hour) return `${Math.floor(ms / minute)} min`;
  if (ms < day) {
    const h = Math.floor(ms / hour), m = Math.floor((ms % hour) / minute);
    return m && h < 10 ? `${h} h ${String(m).padStart(2, "0")} min` : `${h} h`;
  }
  const d = Math.floor(ms / day), h = Math.floor((ms % day) / hour);
  return h && d < 10 ? `${d} d ${h} h` : `${d} d`;
}

/** Go's duration text ("1m30s", "250ms") in milliseconds. */
export function goDuration(text: string): number {
  const factor: Record<string, number> = { ns: 1e-6, us: 1e-3, "µs": 1e-3, ms: 1, s: 1e3, m: minute, h: hour };
  let total = 0;
  for (const m of text.matchAll(/([\d.]+)(ns|us|µs|ms|s|m|h)/g)) total += Number(m[1]) * factor[m[2]!]!;
  return text.startsWith("-") ? -total : total;
}

/** Go's duration text as people read it: "150.682µs" is "151 µs". */
export const took = (text: string) => duration(goDuration(text));

const pad = (n: number) => String(n).padStart(2, "0");

/** 2026-11-23 14:05:09 in the viewer's zone. */
export function exact(at: number): string {
  const d = new Date(at);
  return `${d.getFullYear()}-${pad(d.getMonth() + 1)}-${pad(d.getDate())} ${clock(at)}`;
}

export function clock(at: number): string {
  const d = new Date(at);
  return `${pad(d.getHours())}:${pad(d.getMinutes())}:${pad(d.getSeconds())}`;
}

/** The zone's offset, for a tooltip: UTC+01:00. */
export function zone(at: number): string {
  const offset = -new Date(at).getTimezoneOffset();
  const a = Math.abs(offset);
  return `UTC${offset < 0 ? "-" : "+"}${pad(Math.floor(a / 60))}:${pad(a % 60)}`;
}

/** A time as an input of type datetime-local wants it. */
export function localInput(at: number): string {
  const d = new Date(at);
  return `${d.getFullYear()}-${pad(d.getMonth() + 1)}-${pad(d.getDate())}T${pad(d.getHours())}:${pad(d.getMinutes())}`;
}

/** A time as a person writes it: 2026-11-23 14:05, with seconds when there are some. */
export const written = (at: number): string => exact(at).replace(/:00$/, "");

/** Reads "2026-11-23 14:05", "2026-11-23" or "14:05" (today) in the viewer's zone. */
export function parseLocal(text: string, now: number): number | undefined {
  const m = /^(?:(\d{4})-(\d{1,2})-(\d{1,2}))?[ T]*(?:(\d{1,2}):(\d{2})(?::(\d{2}))?)?$/.exec(text.trim());
  if (!m || (!m[1] && !m[4])) return undefined;
  const today = new Date(now);
  const [y, mo, d] = m[1] ? [Number(m[1]), Number(m[2]) - 1, Number(m[3])] : [today.getFullYear(), today.getMonth(), today.getDate()];
  const [h, mi, s] = [Number(m[4] ?? 0), Number(m[5] ?? 0), Number(m[6] ?? 0)];
  const at = new Date(y, mo, d, h, mi, s);
  // A date that is none (30 February) rolls over: it is not what was written.
  return at.getMonth() === mo && at.getDate() === d && h < 24 && mi < 60 && s < 60 ? at.getTime() : undefined;
}
