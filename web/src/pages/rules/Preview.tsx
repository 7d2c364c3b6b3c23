import { Button, Select } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { previewRule } from "@/api/monitor";
import type { RuleEpisode, RuleSpec } from "@/api/types";
import { ItemLink } from "@/components/Names";
import { ProblemView } from "@/components/ProblemView";
import type { Column } from "@/components/table/column";
import { DataTable } from "@/components/table/DataTable";
import { count } from "@/format/number";
import { Mark } from "@/ui/Mark";
import { TimeAgo } from "@/ui/TimeAgo";
import { previewSentence } from "./preview";

const ranges = [{ value: "1", label: "day" }, { value: "7", label: "7 days" }, { value: "30", label: "30 days" }, { value: "90", label: "90 days" }];

const columns: Column<RuleEpisode>[] = [
  { id: "from", label: "Fired", width: "7rem", cell: (e) => <TimeAgo at={e.from} />, text: (e) => e.from },
  { id: "to", label: "Over", width: "7rem", cell: (e) => (e.to ? <TimeAgo at={e.to} /> : <span className="dim">still there</span>), text: (e) => e.to },
  { id: "title", label: "Series", width: "minmax(8rem, 2fr)", cell: (e) => e.title, text: (e) => e.title },
  { id: "item", label: "Item", width: "minmax(6rem, 1fr)", cell: (e) => <ItemLink id={e.item} />, text: (e) => e.item },
  { id: "peak", label: "Peak", width: "5rem", align: "right", cell: (e) => count(e.peak), text: (e) => e.peak },
];

/** Tries a rule on history, when somebody asks for it: it may take seconds. */
export function Preview({ spec }: { spec: RuleSpec }) {
  const [days, setDays] = useState("30");
  const [asked, setAsked] = useState<{ spec: RuleSpec; days: string }>();
  const query = useQuery({ queryKey: ["metric-rule", "preview", asked], queryFn: ({ signal }) => previewRule(asked!.spec, Number(asked!.days), signal), enabled: Boolean(asked), retry: false, staleTime: 60_000 });
  const range = ranges.find((r) => r.value === asked?.days)?.label ?? "";
  return (
    <div className="stack">
      <div className="row wrap">
        <Select aria-label="Range of the preview" data={ranges.map((r) => ({ value: r.value, label: `Last ${r.label}` }))} allowDeselect={false} value={days} onChange={(v) => setDays(v ?? "30")} style={{ width: "9rem" }} />
        <Button variant="default" loading={query.isFetching} disabled={!spec.expr.trim()} onClick={() => setAsked({ spec, days })}>Try on history</Button>
      </div>
      {query.error && <ProblemView error={query.error} />}
      {query.data && (
        <>
          <p className="row" role="status"><Mark level={query.data.fired ? "minor" : "clear"} /><span>{previewSentence(query.data, range)} <span className="dim">Looked at every {query.data.step}, in {query.data.took}.</span></span></p>
          {query.data.episodes.length > 0 && <DataTable label="When the rule would have fired" columns={columns} rows={query.data.episodes} rowKey={(e) => `${e.from} ${JSON.stringify(e.labels)}`} fit />}
        </>
      )}
    </div>
  );
}
