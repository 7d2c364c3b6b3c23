import { useEffect, useRef, useState } from "react";
import { outputPath } from "@/api/jobs";
import { readEvents, type StreamEvent } from "@/api/stream";
import { LogOutput } from "@/components/LogOutput";

interface Chunk {
  step: string;
  stream: "stdout" | "stderr" | "note";
  text: string;
}

/** What one event of the output stream adds for a step, or for all. */
export function textOf(e: StreamEvent, step?: string): string {
  if (e.name !== "output") return "";
  try {
    const c = JSON.parse(e.data) as Chunk;
    if (step && c.step !== step) return "";
    return c.stream === "note" && !c.text.endsWith("\n") ? `${c.text}\n` : c.text;
  } catch {
    return "";
  }
}

/** Output of a run as it happens. A lost connection is taken up where it ended. */
export function RunOutput({ id, step, going }: { id: string; step?: string; going: boolean }) {
  const [text, setText] = useState("");
  const [live, setLive] = useState(false);
  const running = useRef(going);
  running.current = going;
  useEffect(() => {
    const abort = new AbortController();
    let last: string | undefined;
    let pending = "";
    let frame = 0;
    const flush = () => {
      frame = 0;
      const more = pending;
      pending = "";
      if (more) setText((t) => t + more);
    };
    const run = async () => {
      for (let tries = 0; !abort.signal.aborted; tries++) {
        try {
          await readEvents(outputPath(id), abort.signal, (e) => {
            last = e.id ?? last;
            pending += textOf(e, step);
            frame ||= requestAnimationFrame(flush);
          }, () => {
            if (!last) setText("");
            setLive(true);
          }, last);
        } catch {
          // The run page shows the run's state; output is tried again below.
        }
        setLive(false);
        if (!running.current && tries > 0) return;
        await new Promise((r) => setTimeout(r, 1500));
        if (!running.current) return;
      }
    };
    void run();
    return () => {
      abort.abort();
      cancelAnimationFrame(frame);
    };
  }, [id, step]);
  return <LogOutput text={text} live={live && going} empty={going ? "No output yet." : "This run left no output."} />;
}
