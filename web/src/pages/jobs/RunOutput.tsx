import { useEffect, useRef, useState } from "react";
import { outputPath } from "@/api/jobs";
import { readEvents, type StreamEvent } from "@/api/stream";
import { LogOutput } from "@/components/LogOutput";

interface Piece {
  step?: string;
  stream?: string;
  text?: string;
  data?: string;
  output?: string;
}

/** The text of one event of the output stream. */
export function textOf(e: StreamEvent): string {
  if (e.name === "end" || e.name === "done") return "";
  try {
    const p = JSON.parse(e.data) as Piece | string;
    return typeof p === "string" ? p : (p.text ?? p.output ?? p.data ?? "");
  } catch {
    return `${e.data}\n`;
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
          await readEvents(outputPath(id, step), abort.signal, (e) => {
            last = e.id ?? last;
            pending += textOf(e);
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
