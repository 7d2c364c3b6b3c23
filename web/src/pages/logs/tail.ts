import { useEffect, useRef, useState } from "react";
import { readEvents } from "@/api/stream";
import { tailPath } from "@/api/telemetry";
import type { LogRecord } from "@/api/types";

const kept = 2000;
const gather = 200;

/**
 * Records as they come, newest first, while on. Paused, what is on the screen
 * stays and the new ones are held back and counted.
 */
export function useTail(query: string, on: boolean, paused: boolean) {
  const [records, setRecords] = useState<LogRecord[]>([]);
  const [held, setHeld] = useState(0);
  const [problem, setProblem] = useState<string>();
  const waiting = useRef<LogRecord[]>([]);
  const still = useRef(paused);
  still.current = paused;
  const release = useRef(() => {
    const fresh = waiting.current.splice(0).reverse();
    setHeld(0);
    if (fresh.length) setRecords((before) => [...fresh, ...before].slice(0, kept));
  }).current;
  useEffect(() => {
    setRecords([]);
    waiting.current = [];
    setHeld(0);
    setProblem(undefined);
    if (!on) return;
    const abort = new AbortController();
    const timer = setInterval(() => {
      if (still.current) setHeld(waiting.current.length);
      else if (waiting.current.length) release();
    }, gather);
    const follow = async () => {
      let pause = 1000;
      while (!abort.signal.aborted) {
        try {
          await readEvents(tailPath(query), abort.signal, (e) => {
            if (e.name === "record") {
              pause = 1000;
              setProblem(undefined);
            }
            if (e.name === "error") setProblem((JSON.parse(e.data) as { detail?: string }).detail ?? "The log store broke off");
            if (e.name !== "record") return;
            waiting.current.push(JSON.parse(e.data) as LogRecord);
            if (waiting.current.length > kept) waiting.current.shift();
          });
        } catch (e) {
          if (!abort.signal.aborted) setProblem(e instanceof Error ? e.message : String(e));
        }
        await new Promise((r) => setTimeout(r, pause));
        pause = Math.min(pause * 2, 15_000);
      }
    };
    void follow();
    return () => {
      abort.abort();
      clearInterval(timer);
    };
  }, [query, on, release]);
  useEffect(() => {
    if (!paused) release();
  }, [paused, release]);
  return { records, held, problem };
}
