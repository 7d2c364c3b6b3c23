import { useEffect, useRef, useState } from "react";
import { readEvents } from "@/api/stream";
import type { LogRecord } from "@/api/types";

const kept = 2000;
const gather = 200;
/** The rate is that of the last so many milliseconds. */
const span = 5000;

/** Lines a second of what came lately: when each lot came, and how many there were. */
export function rateOf(came: readonly (readonly [at: number, n: number])[], now: number): number {
  const lately = came.filter(([at]) => now - at < span);
  return lately.reduce((n, [, c]) => n + c, 0) / (span / 1000);
}

/**
 * Records as they come, newest first, while on. Paused, what is on the screen
 * stays and the new ones are held back and counted. dropped counts those that
 * are not shown: the server sends what can be read, and only so many are held.
 */
export function useTail(path: string, on: boolean, paused: boolean) {
  const [records, setRecords] = useState<LogRecord[]>([]);
  const [held, setHeld] = useState(0);
  const [problem, setProblem] = useState<string>();
  const [told, setTold] = useState({ rate: 0, dropped: 0 });
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
    setTold({ rate: 0, dropped: 0 });
    if (!on) return;
    const abort = new AbortController();
    let came: [number, number][] = [], fresh = 0, dropped = 0;
    const timer = setInterval(() => {
      if (still.current) setHeld(waiting.current.length);
      else if (waiting.current.length) release();
    }, gather);
    const meter = setInterval(() => {
      const now = Date.now();
      came = [...came.filter(([at]) => now - at < span), [now, fresh]];
      fresh = 0;
      const rate = rateOf(came, now);
      setTold((t) => (t.rate === rate && t.dropped === dropped ? t : { rate, dropped }));
    }, 1000);
    const follow = async () => {
      let pause = 1000;
      while (!abort.signal.aborted) {
        try {
          await readEvents(path, abort.signal, (e) => {
            if (e.name === "error") setProblem((JSON.parse(e.data) as { detail?: string }).detail ?? "The log store broke off");
            if (e.name === "skipped") {
              const { count } = JSON.parse(e.data) as { count: number };
              dropped += count;
              fresh += count;
            }
            if (e.name !== "record") return;
            pause = 1000;
            setProblem(undefined);
            fresh++;
            waiting.current.push(JSON.parse(e.data) as LogRecord);
            if (waiting.current.length > kept) {
              waiting.current.shift();
              dropped++;
            }
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
      clearInterval(meter);
    };
  }, [path, on, release]);
  useEffect(() => {
    if (!paused) release();
  }, [paused, release]);
  return { records, held, problem, ...told };
}
