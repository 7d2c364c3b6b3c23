// Records name each other by id. Names are asked for in one question for all
// ids that come up in the same moment.

import { Problem } from "./client";
import type { Item } from "./items";
import { itemsPath } from "./graph";
import { page } from "./lists";

type Named = Pick<Item, "id" | "name" | "class">;
type Waiting = { resolve: (n: Named | null) => void; reject: (e: unknown) => void };

const pause = 12;
const most = 100;

export function batcher(load: (ids: string[]) => Promise<Named[]>) {
  let waiting = new Map<string, Waiting[]>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const flush = async () => {
    timer = undefined;
    const asked = waiting;
    waiting = new Map();
    const ids = [...asked.keys()];
    for (let i = 0; i < ids.length; i += most) {
      const part = ids.slice(i, i + most);
      try {
        const found = new Map((await load(part)).map((n) => [n.id, n]));
        for (const id of part) for (const w of asked.get(id) ?? []) w.resolve(found.get(id) ?? null);
      } catch (e) {
        for (const id of part) for (const w of asked.get(id) ?? []) w.reject(e);
      }
    }
  };
  return (id: string) =>
    new Promise<Named | null>((resolve, reject) => {
      waiting.set(id, [...(waiting.get(id) ?? []), { resolve, reject }]);
      timer ??= setTimeout(() => void flush(), pause);
    });
}

/** The name of an item; null when it is not there or may not be seen. */
export const itemName = batcher(async (ids) => {
  try {
    return (await page<Named>(itemsPath, { where: [`id=${ids.join(",")}`], limit: most })).items;
  } catch (e) {
    if (e instanceof Problem && (e.status === 403 || e.status === 404)) return [];
    throw e;
  }
});
