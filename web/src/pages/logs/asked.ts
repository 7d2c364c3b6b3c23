// What was searched for here before, in this browser.

export interface Asked {
  q: string;
  at: number;
}

const key = "mainstay-logs-asked";
export const kept = 50;

/** The newest first; what was asked again moves to the front. */
export const remember = (list: readonly Asked[], q: string, at: number): Asked[] => (q.trim() ? [{ q, at }, ...list.filter((a) => a.q !== q)].slice(0, kept) : [...list]);

export function readAsked(storage: Pick<Storage, "getItem"> = localStorage): Asked[] {
  try {
    const list: unknown = JSON.parse(storage.getItem(key) ?? "[]");
    return Array.isArray(list) ? list.filter((a): a is Asked => typeof (a as Asked)?.q === "string" && typeof (a as Asked).at === "number") : [];
  } catch {
    return [];
  }
}

export function writeAsked(list: readonly Asked[], storage: Pick<Storage, "setItem"> = localStorage) {
  try {
    storage.setItem(key, JSON.stringify(list));
  } catch {
    // A full or forbidden storage costs the history and nothing else.
  }
}
