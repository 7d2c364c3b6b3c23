import { useSyncExternalStore } from "react";

// One timer for every relative time on the screen.
const listeners = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;
let current = Date.now();

function subscribe(listener: () => void) {
  listeners.add(listener);
  timer ??= setInterval(() => {
    current = Date.now();
    for (const l of listeners) l();
  }, 5000);
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) {
      clearInterval(timer);
      timer = undefined;
    }
  };
}

/** The present, fresh to five seconds. */
export const useNow = () => useSyncExternalStore(subscribe, () => {
  if (!timer) current = Math.floor(Date.now() / 5000) * 5000;
  return current;
});
