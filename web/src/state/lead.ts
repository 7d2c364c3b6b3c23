// What a page has decided and its address does not say yet.

/** One value that runs ahead of the place it belongs to, until it has arrived there. */
export function lead<T>() {
  const listeners = new Set<() => void>();
  let now: { place: string; value: T } | undefined;
  const tell = () => { for (const l of listeners) l(); };
  return {
    subscribe: (listener: () => void) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    /** What holds at a place; undefined when the place itself says. */
    at: (place: string) => (now?.place === place ? now.value : undefined),
    /** Runs ahead; call what it returns on arrival. A later value is not taken back by the arrival of an earlier one. */
    go: (place: string, value: T) => {
      const mine = (now = { place, value });
      tell();
      return () => {
        if (now !== mine) return;
        now = undefined;
        tell();
      };
    },
  };
}
