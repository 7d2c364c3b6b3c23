import { createContext, useContext } from "react";
import type { MarkKind } from "./happenings";
import type { Filling } from "./variables";

/** What all panels of a dashboard share. */
export interface Board {
  filling: Filling;
  /** Counts up when everything is to be asked again now. */
  turn: number;
  /** In milliseconds; undefined while nothing is asked again by itself. */
  every: number | undefined;
  zoom: (from: number, to: number) => void;
  /** What is marked on time series. */
  marks: MarkKind[];
}

const Context = createContext<Board | undefined>(undefined);
export const BoardContext = Context.Provider;

export function useBoard(): Board {
  const b = useContext(Context);
  if (!b) throw new Error("useBoard outside of a dashboard");
  return b;
}
