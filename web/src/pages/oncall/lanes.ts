import type { Shift } from "@/api/types";

/** A stretch of a lane, in percent of what is shown. */
export interface Piece {
  left: number;
  width: number;
  shift?: Shift;
}

const part = (from: number, to: number, a: number, b: number): Piece | undefined => {
  const left = Math.max(0, (a - from) / (to - from)) * 100;
  const right = Math.min(1, (b - from) / (to - from)) * 100;
  return right > left ? { left, width: right - left } : undefined;
};

/** Where shifts lie between two times. */
export const pieces = (shifts: Shift[], from: number, to: number): Piece[] =>
  shifts.flatMap((shift) => {
    const p = part(from, to, Date.parse(shift.from), Date.parse(shift.to));
    return p ? [{ ...p, shift }] : [];
  });

export const spans = (list: { from: string; to: string }[], from: number, to: number): Piece[] => list.flatMap((s) => part(from, to, Date.parse(s.from), Date.parse(s.to)) ?? []);

/** The midnights between two times, by the viewer's clock. */
export function midnights(from: number, to: number): number[] {
  const out: number[] = [];
  const d = new Date(from);
  d.setHours(24, 0, 0, 0);
  while (d.getTime() < to) {
    out.push(d.getTime());
    d.setDate(d.getDate() + 1);
  }
  return out;
}

/** The first day of the week, or of the month, that is shown; moved by so many of them. */
export function begin(view: "week" | "month", at: number, by: number): [from: number, to: number] {
  const d = new Date(at);
  d.setHours(0, 0, 0, 0);
  if (view === "week") {
    d.setDate(d.getDate() - ((d.getDay() + 6) % 7) + 7 * by);
    const end = new Date(d);
    end.setDate(end.getDate() + 7);
    return [d.getTime(), end.getTime()];
  }
  d.setDate(1);
  d.setMonth(d.getMonth() + by);
  const end = new Date(d);
  end.setMonth(end.getMonth() + 1);
  return [d.getTime(), end.getTime()];
}

/** A person keeps a tone wherever they appear: tones tell people apart and mean nothing. */
export function tone(person: string, people: string[]): number {
  const at = people.indexOf(person);
  return (at < 0 ? people.length : at) % 8;
}
