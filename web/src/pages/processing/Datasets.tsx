import { Button } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { datasetsQuery } from "@/api/processing";
import type { LogDataset } from "@/api/types";
import { useCan } from "@/app/session";
import { DocumentEditor, type Edited } from "@/components/DocumentEditor";
import { Show } from "@/components/Query";
import { visible, type Column } from "@/components/table/column";
import { DataTable } from "@/components/table/DataTable";
import { Sheet } from "@/components/table/Sheet";
import { count, plural } from "@/format/number";
import { Empty } from "@/ui/Empty";
import { template } from "../documents/templates";

const readers = (d: LogDataset) => (d.access ? [...(d.access.roles ?? []), ...(d.access.teams?.length ? [plural(d.access.teams.length, "team")] : [])].join(", ") : "everybody who reads logs");

const columns: Column<LogDataset>[] = [
  { id: "name", label: "Dataset", width: "minmax(8rem, 1fr)", narrow: true, cell: (d) => d.name, text: (d) => d.name },
  { id: "description", label: "Holds", width: "minmax(10rem, 2fr)", cell: (d) => <span className="dim" title={d.description}>{d.description}</span>, text: (d) => d.description },
  { id: "days", label: "Kept", width: "6rem", align: "right", narrow: true, cell: (d) => plural(d.days, "day"), text: (d) => d.days },
  { id: "access", label: "Read by", width: "minmax(8rem, 1.4fr)", narrow: true, cell: (d) => <span title={readers(d)}>{readers(d)}</span>, text: readers },
  { id: "records", label: "Last 24 hours", width: "8rem", align: "right", cell: (d) => (d.records === undefined ? <span className="dim">–</span> : <span title={d.records.toLocaleString("en")}>{count(d.records)}</span>), text: (d) => d.records },
];

/** The datasets that one may read. */
export function Datasets() {
  const can = useCan();
  const [edited, setEdited] = useState<Edited>();
  const narrow = Boolean(useMediaQuery("(max-width: 48rem)", false, { getInitialValueInEffect: false }));
  const query = useQuery(datasetsQuery);
  const why = can("logs:admin") ? undefined : "Only who may read all logs says who reads which";
  return (
    <>
      <div className="row"><Button disabled={Boolean(why)} title={why} onClick={() => setEdited({ kind: "Dataset", draft: template("Dataset") })}>Add a dataset</Button></div>
      <Show query={query} lines={4}>
        {(rows) => <Sheet><DataTable label="Datasets" columns={visible(columns, undefined, narrow)} rows={rows} rowKey={(d) => d.name} total={plural(rows.length, "dataset")} onOpen={(d) => d.declared && setEdited({ kind: "Dataset", name: d.name })} empty={<Empty title="No datasets">None that you may read.</Empty>} /></Sheet>}
      </Show>
      <DocumentEditor what={edited} why={why} onClose={() => { setEdited(undefined); void query.refetch(); }} />
    </>
  );
}
