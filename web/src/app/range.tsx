import { createContext, useCallback, useContext, useEffect, useMemo, useState, type ReactNode } from "react";
import { absolute, defaultRange, resolveRange, shift, slides, widen, type Range } from "@/state/range";
import { useUrl } from "./url";

interface RangeState {
  range: Range;
  /** Both ends in milliseconds; they move with the clock when the range slides. */
  from: number;
  to: number;
  set: (r: Range) => void;
  zoom: (from: number, to: number) => void;
  move: (direction: -1 | 1) => void;
  widen: () => void;
  /** How often now moves on, in milliseconds; undefined for the usual. */
  pace: (ms: number | undefined) => void;
}

const Context = createContext<RangeState | undefined>(undefined);
const tick = 15_000;

/** One time range for everything on the page, kept in the address. */
export function RangeProvider({ children }: { children: ReactNode }) {
  const [search, setUrl] = useUrl();
  const [now, setNow] = useState(() => Date.now());
  const [every, pace] = useState<number>();
  const range = useMemo<Range>(
    () => ({ from: search.from ?? defaultRange.from, to: search.to ?? defaultRange.to }),
    [search.from, search.to],
  );
  const sliding = slides(range);
  useEffect(() => {
    setNow(Date.now());
    if (!sliding) return;
    const timer = setInterval(() => document.visibilityState === "visible" && setNow(Date.now()), every ?? tick);
    return () => clearInterval(timer);
  }, [sliding, range, every]);
  const set = useCallback((r: Range) => setUrl({ from: r.from, to: r.to }, { push: true }), [setUrl]);
  const value = useMemo<RangeState>(
    () => ({
      range,
      ...resolveRange(range, now),
      set,
      zoom: (from, to) => set(absolute(from, to)),
      move: (direction) => set(shift(range, direction, Date.now())),
      widen: () => set(widen(range, Date.now())),
      pace,
    }),
    [range, now, set],
  );
  return <Context.Provider value={value}>{children}</Context.Provider>;
}

export function useRange(): RangeState {
  const value = useContext(Context);
  if (!value) throw new Error("useRange outside of RangeProvider");
  return value;
}
