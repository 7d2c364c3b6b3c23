import { MultiSelect, TextInput } from "@mantine/core";
import { useDebouncedValue, useMediaQuery } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { datasetsQuery, deletionsQuery, requestDeletion } from "@/api/processing";
import type { LogDeletion } from "@/api/types";
import { useCan } from "@/app/session";
import { ConfirmButton } from "@/components/ConfirmButton";
import { Show } from "@/components/Query";
import { visible, type Column } from "@/components/table/column";
import { DataTable } from "@/components/table/DataTable";
import { Sheet } from "@/components/table/Sheet";
import { useDo } from "@/components/toast";
import { plural } from "@/format/number";
import { Empty } from "@/ui/Empty";
import { Mark } from "@/ui/Mark";
import { Panel } from "@/ui/Panel";
import { TimeAgo } from "@/ui/TimeAgo";
import classes from "./Processing.module.css";

const levels = { waiting: "unknown", running: "info", done: "clear", failed: "major" } as const;

const columns: Column<LogDeletion>[] = [
  { id: "state", label: "State", width: "7rem", narrow: true, cell: (d) => <span className="row" title={d.fault}><Mark level={levels[d.state]} />{d.state}</span>, text: (d) => d.state },
  { id: "asked", label: "Asked", width: "6rem", narrow: true, cell: (d) => <TimeAgo at={d.asked} />, text: (d) => d.asked },
  { id: "by", label: "By", width: "minmax(6rem, 0.8fr)", cell: (d) => d.by.name, text: (d) => d.by.name },
  { id: "reason", label: "Why", width: "minmax(8rem, 1.5fr)", narrow: true, cell: (d) => <span title={d.reason}>{d.reason}</span>, text: (d) => d.reason },
  { id: "filter", label: "Filter", width: "minmax(8rem, 1.5fr)", cell: (d) => <span className="mono" title={d.filter}>{d.filter || "*"}</span>, text: (d) => d.filter },
  { id: "datasets", label: "Datasets", width: "minmax(6rem, 1fr)", cell: (d) => d.datasets.join(", "), text: (d) => d.datasets.join(", ") },
  { id: "found", label: "Before", width: "5.5rem", align: "right", cell: (d) => d.found.toLocaleString("en"), text: (d) => d.found },
  { id: "remained", label: "After", width: "5.5rem", align: "right", cell: (d) => (d.finished ? d.remained.toLocaleString("en") : <span className="dim">–</span>), text: (d) => d.remained },
];

/** What was deleted from the logs, by whom and why; and a new request. */
export function Deletions() {
  const can = useCan();
  const narrow = Boolean(useMediaQuery("(max-width: 48rem)", false, { getInitialValueInEffect: false }));
  const query = useQuery(deletionsQuery);
  return (
    <>
      {can("log-deletions:admin") && <Request />}
      <Show query={query} lines={4}>
        {(rows) => <Sheet><DataTable label="Deletions" columns={visible(columns, undefined, narrow)} rows={rows} rowKey={(d) => d.id} total={rows.length ? plural(rows.length, "deletion") : undefined} empty={<Empty title="Nothing was deleted" good>Records go by themselves when their dataset keeps them no longer.</Empty>} /></Sheet>}
      </Show>
    </>
  );
}

function Request() {
  const datasets = useQuery(datasetsQuery);
  const [filter, setFilter] = useState("");
  const [chosen, setChosen] = useState<string[]>([]);
  const [reason, setReason] = useState("");
  const [asked] = useDebouncedValue(filter, 500);
  const found = useQuery({ queryKey: ["log-deletion", "count", asked, chosen], queryFn: () => requestDeletion({ filter: asked, datasets: chosen, reason: "" }, true), enabled: asked.trim() !== "" && chosen.length > 0, retry: false });
  const go = useDo({ run: () => requestDeletion({ filter, datasets: chosen, reason }, false), done: "The deletion was recorded and begins", failed: "Nothing is deleted", touches: ["log-deletion"], then: () => { setFilter(""); setReason(""); } });
  const why = !filter.trim() ? "Say which records" : !chosen.length ? "Say of which datasets" : !reason.trim() ? "Say why" : undefined;
  return (
    <Panel title="Delete records for good" hint="The log store is stopped while it rewrites the days that are touched; records that come in meanwhile are kept">
      <div className={classes.form}>
        <TextInput label="Filter (LogsQL)" placeholder='user:="ann"' value={filter} onChange={(e) => setFilter(e.currentTarget.value)} error={found.error?.message} />
        <MultiSelect label="Datasets" data={(datasets.data ?? []).map((d) => d.name)} value={chosen} onChange={setChosen} />
        <TextInput label="Why" value={reason} onChange={(e) => setReason(e.currentTarget.value)} />
        <ConfirmButton question={<>Delete {found.data ? plural(found.data.found, "record") : "what matches"} for good? It cannot be taken back.</>} yes="Delete" why={why} loading={go.isPending} onYes={() => go.mutate(undefined)}>{found.data ? `Delete ${plural(found.data.found, "record")}` : "Delete"}</ConfirmButton>
      </div>
    </Panel>
  );
}
