import { useQueryClient } from "@tanstack/react-query";
import { createContext, useContext, useEffect, useState, type ReactNode } from "react";
import { touched } from "@/api/live";
import { follow, type StreamState } from "@/api/stream";

const Context = createContext<StreamState>("connecting");
export const useLive = () => useContext(Context);

const gather = 250;
const poll = 15_000;

/**
 * Keeps what is on the screen fresh: entries of the ledger mark what they touch
 * as stale, gathered so that a burst costs one reading; while the stream is
 * down everything on the screen is read again every 15 seconds.
 */
export function LiveProvider({ children }: { children: ReactNode }) {
  const client = useQueryClient();
  const [state, setState] = useState<StreamState>("connecting");
  useEffect(() => {
    const stale = new Set<string>();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const flush = () => {
      timer = undefined;
      for (const kind of stale) void client.invalidateQueries({ queryKey: [kind] });
      stale.clear();
    };
    let lost = false;
    const stop = follow("/api/v1/stream", {
      entry: (e) => {
        for (const kind of touched(e)) stale.add(kind);
        timer ??= setTimeout(flush, gather);
      },
      state: (s) => {
        // What happened while the stream was down is not known: read it all once.
        if (s === "live" && lost) void client.invalidateQueries();
        lost = s !== "live";
        setState(s);
      },
    });
    return () => {
      stop();
      clearTimeout(timer);
    };
  }, [client]);
  useEffect(() => {
    if (state === "live" || state === "connecting") return;
    const timer = setInterval(() => void client.invalidateQueries({ refetchType: "active" }), poll);
    return () => clearInterval(timer);
  }, [client, state]);
  return <Context.Provider value={state}>{children}</Context.Provider>;
}
