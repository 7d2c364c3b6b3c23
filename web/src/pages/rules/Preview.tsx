import { Button, Progress, Select } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { watchPreview, type Progress as HowFar } from "@/api/ruleform";
import type { RuleEpisode, RuleSpec } from "@/api/types";
import { ItemLink } from "@/components/Names";
import { ProblemView } from "@/components/ProblemView";
import type { Column } from "@/components/table/column";
import { DataTable } from "@/components/table/DataTable";
import { count } from "@/format/number";
import { Mark } from "@/ui/Mark";
import { TimeAgo, Took } from "@/ui/TimeAgo";
import { previewSentence } from "./preview";
import { PreviewPlot } from "./PreviewPlot";

const ranges = [{ value: "1", label: "day" }, { value: "7", label: "7 days" }, { value: "30", label: "30 days" }, { value: "90", label: "90 days" }];

const columns: Column<RuleEpisode>[] = [
  { id: "from", label: "Fired", width: "5.5rem", narrow: true, cell: (e) => <TimeAgo at={e.from} />, text: (e) => e.from },
  { id: "for", label: "For", width: "5.5rem", narrow: true, cell: (e) => (e.to ? <Took from={e.from} to={e.to} /> : <span className="dim">still</span>), text: (e) => e.to },
  { id: "title", label: "Series", width: "minmax(8rem, 2fr)", cell: (e) => e.title, text: (e) => e.title },
  { id: "item", label: "Item", width: "minmax(6rem, 1fr)", narrow: true, cell: (e) => <ItemLink id={e.item} />, text: (e) => e.item },
  { id: "peak", label: "Peak", width: "5rem", align: "right", cell: (e) => count(e.peak), text: (e) => e.peak },
];
const key = (e: RuleEpisode) => `${e.from} ${JSON.stringify(e.labels)}`;

/** Tries a rule on history, when somebody asks for it: it may take minutes, and can be stopped. */
export function Preview({ spec }: { spec: RuleSpec }) {
  const client = useQueryClient();
  const [days, setDays] = useState("30");
  const [asked, setAsked] = useState<{ spec: RuleSpec; days: string }>();
  const [far, setFar] = useState<HowFar>();
  const queryKey = ["metric-rule", "preview", asked];
  const query = useQuery({ queryKey, queryFn: ({ signal }) => watchPreview(asked!.spec, Number(asked!.days), signal, setFar), enabled: Boolean(asked), retry: false, staleTime: 60_000, refetchOnWindowFocus: false });
  const range = ranges.find((r) => r.value === asked?.days)?.label ?? "";
  const stop = () => { void client.cancelQueries({ queryKey }); setAsked(undefined); };
  const p = query.data;
  return (
    <div className="stack">
      <div className="row wrap">
        <Select aria-label="Range of the preview" data={ranges.map((r) => ({ value: r.value, label: `Last ${r.label}` }))} allowDeselect={false} value={days} onChange={(v) => setDays(v ?? "30")} style={{ width: "9rem" }} />
        <Button variant="default" disabled={!spec.expr.trim() || query.isFetching} onClick={() => { setFar(undefined); setAsked({ spec, days }); }}>Try on history</Button>
        {query.isFetching && (
          <>
            <Progress aria-label="How far the preview is" value={100 * (far?.done ?? 0)} style={{ flex: 1, minWidth: "6rem" }} />
            <span className="dim" role="status">{far ? `${Math.round(100 * far.done)} %, fired ${far.fired} times` : "Begins…"}</span>
            <Button variant="default" onClick={stop}>Stop</Button>
          </>
        )}
      </div>
      {query.error && !query.isFetching && <ProblemView error={query.error} />}
      {p && asked && (
        <>
          <p className="row" role="status"><Mark level={p.fired ? "minor" : "clear"} /><span>{previewSentence(p, range)} <span className="dim">Looked at every {p.step}, in {p.took}.</span></span></p>
          <PreviewPlot preview={p} />
          {p.episodes.length > 0 && <DataTable label="When the rule would have fired" columns={columns} rows={p.episodes} rowKey={key} fit total={p.episodes.length < p.fired ? `the last ${p.episodes.length} of ${p.fired}` : undefined} />}
        </>
      )}
    </div>
  );
}
