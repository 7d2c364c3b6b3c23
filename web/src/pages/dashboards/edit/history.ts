/** What was, what is, what was taken back: of anything that is replaced as a whole. */
export interface History<T> {
  past: T[];
  now: T;
  future: T[];
  /** What the last change was about; the next one about the same joins it. */
  about?: string;
}

const bound = 100;

export const begin = <T>(now: T): History<T> => ({ past: [], now, future: [] });

/** A change. Changes about the same thing, one after the other, are taken back at once: a word, not its letters. */
export function change<T>(h: History<T>, now: T, about?: string): History<T> {
  if (JSON.stringify(now) === JSON.stringify(h.now)) return h;
  const joins = about !== undefined && about === h.about && h.past.length > 0;
  return { past: joins ? h.past : [...h.past.slice(-bound + 1), h.now], now, future: [], about };
}

export function undo<T>(h: History<T>): History<T> {
  const before = h.past.at(-1);
  return before === undefined ? h : { past: h.past.slice(0, -1), now: before, future: [h.now, ...h.future] };
}

export function redo<T>(h: History<T>): History<T> {
  const next = h.future[0];
  return next === undefined ? h : { past: [...h.past, h.now], now: next, future: h.future.slice(1) };
}
