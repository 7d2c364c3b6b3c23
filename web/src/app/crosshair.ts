// The moment under the pointer, told among all drawings that share a time axis.

type Listener = (seconds: number | null, source: unknown) => void;

const listeners = new Set<Listener>();

export const crosshair = {
  /** Tells the others; null when the pointer has left. */
  tell(seconds: number | null, source: unknown) {
    for (const l of listeners) l(seconds, source);
  },
  follow(listener: Listener) {
    listeners.add(listener);
    return () => void listeners.delete(listener);
  },
};
