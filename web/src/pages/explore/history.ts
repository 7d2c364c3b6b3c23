// What was asked here before, in this browser.

export interface Asked {
  exprs: string[];
  at: number;
}

const key = "mainstay-explored";
export const kept = 50;

/** The newest first; what was asked again moves to the front. */
export const remember = (list: Asked[], exprs: string[], at: number): Asked[] =>
  [{ exprs, at }, ...list.filter((a) => a.exprs.join("\n") !== exprs.join("\n"))].slice(0, kept);

export function readHistory(storage: Pick<Storage, "getItem"> = localStorage): Asked[] {
  try {
    const list: unknown = JSON.parse(storage.getItem(key) ?? "[]");
    return Array.isArray(list) ? list.filter((a): a is Asked => Array.isArray((a as Asked)?.exprs) && (a as Asked).exprs.every((e) => typeof e === "string") && typeof (a as Asked).at === "number") : [];
  } catch {
    return [];
  }
}

export function writeHistory(list: Asked[], storage: Pick<Storage, "setItem"> = localStorage) {
  try {
    storage.setItem(key, JSON.stringify(list));
  } catch {
    // A full or forbidden storage costs the history and nothing else.
  }
}
