import type { ServicePast } from "@/api/types";

/** The times a strip can show. */
export const ranges = [{ value: "24", label: "24 h" }, { value: "168", label: "7 d" }, { value: "720", label: "30 d" }];

export const stateWords: Record<string, string> = { ok: "OK", unknown: "Unknown", maintenance: "Maintenance", degraded: "Degraded", down: "Down" };

/** "99.95 %"; what is not known is a dash. */
export const percent = (v: number | undefined) => (v === undefined ? "–" : `${v.toLocaleString("en", { maximumFractionDigits: 3 })} %`);

/** "3 h 5 min" of minutes. */
export function minutes(v: number | undefined): string {
  const n = Math.round(v ?? 0);
  if (!v) return "0 min";
  if (n < 1) return "under 1 min";
  if (n < 60) return `${n} min`;
  if (n < 2880) return `${Math.floor(n / 60)} h${n % 60 ? ` ${n % 60} min` : ""}`;
  return `${Math.floor(n / 1440)} d${Math.floor((n % 1440) / 60) ? ` ${Math.floor((n % 1440) / 60)} h` : ""}`;
}

export interface Piece {
  state: string;
  /** Shares of the whole strip, 0 to 100. */
  left: number;
  width: number;
  from: number;
  to: number;
}

/** The pieces of a strip; what no interval covers is left bare. */
export function pieces(past: Pick<ServicePast, "intervals"> | undefined, from: number, to: number): Piece[] {
  const whole = to - from;
  return (past?.intervals ?? []).flatMap((i): Piece[] => {
    const begin = Math.max(Date.parse(i.from), from), end = Math.min(i.to ? Date.parse(i.to) : to, to);
    return end > begin && whole > 0 ? [{ state: i.state, left: ((begin - from) / whole) * 100, width: ((end - begin) / whole) * 100, from: begin, to: end }] : [];
  });
}
