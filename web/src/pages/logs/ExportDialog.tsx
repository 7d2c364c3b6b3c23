import { Button, Modal, NumberInput, Radio } from "@mantine/core";
import { useEffect, useRef, useState } from "react";
import { download, exportPath } from "@/api/logs";
import { failed } from "@/components/toast";
import { plural } from "@/format/number";
import { exact } from "@/format/time";

interface Props {
  query: string;
  /** Of which datasets; of all when absent. */
  only?: string[];
  from: number;
  to: number;
  fields: string[];
  /** How many lines match, when that is known. */
  total?: number;
  onClose: () => void;
}

const most = 100_000;

/** What matches, as a file: how far it is is told, and it can be stopped. */
export function ExportDialog({ query, only, from, to, fields, total, onClose }: Props) {
  const [format, setFormat] = useState<"csv" | "ndjson">("csv");
  const [limit, setLimit] = useState<number>(10_000);
  const [far, setFar] = useState<{ bytes: number; lines: number }>();
  const [done, setDone] = useState<number>();
  const abort = useRef<AbortController>(undefined);
  useEffect(() => () => abort.current?.abort(), []);
  const wanted = Math.min(limit, total ?? limit);
  const run = async () => {
    abort.current = new AbortController();
    setDone(undefined);
    setFar({ bytes: 0, lines: 0 });
    let lines = 0;
    try {
      const blob = await download(exportPath(format, query, from, to, limit, format === "csv" ? fields : undefined, only), abort.current.signal, (bytes, n) => { lines = n; setFar({ bytes, lines: n }); });
      const a = document.createElement("a");
      a.href = URL.createObjectURL(blob);
      a.download = `logs-${new Date(to).toISOString().slice(0, 19).replaceAll(":", "")}.${format}`;
      a.click();
      setTimeout(() => URL.revokeObjectURL(a.href), 60_000);
      setDone(format === "csv" ? Math.max(0, lines - 1) : lines);
    } catch (e) {
      if (!abort.current.signal.aborted) failed("Nothing was saved", e);
    }
    setFar(undefined);
  };
  return (
    <Modal opened onClose={onClose} title="Export" closeButtonProps={{ "aria-label": "Close" }}>
      <form className="stack" onSubmit={(e) => { e.preventDefault(); void run(); }}>
        <p className="dim">What matches{only && <> in {only.join(", ")}</>} from {exact(from)} to {exact(to)}, the newest first{total !== undefined && <>: {plural(total, "line")}</>}.</p>
        <Radio.Group label="As" value={format} onChange={(v) => setFormat(v as "csv" | "ndjson")}>
          <div className="stack" style={{ gap: "0.375rem", marginTop: "0.25rem" }}>
            <Radio value="csv" label={`Table (CSV) of ${fields.join(", ")}`} />
            <Radio value="ndjson" label="Records with all their fields (JSON lines)" />
          </div>
        </Radio.Group>
        <NumberInput label="At most so many lines" min={1} max={most} value={limit} onChange={(v) => setLimit(Math.min(most, Math.max(1, Number(v) || 1)))} />
        <div className="row">
          {far ? <Button variant="default" onClick={() => abort.current?.abort()}>Stop</Button> : <Button type="submit">Save the file</Button>}
          <Button variant="default" onClick={onClose}>Close</Button>
          <span className="dim" role="status">{far ? `${far.lines.toLocaleString("en")} of ${wanted.toLocaleString("en")} lines, ${(far.bytes / 1e6).toFixed(1)} MB` : done !== undefined ? `${plural(done, "line")} saved` : ""}</span>
        </div>
      </form>
    </Modal>
  );
}
