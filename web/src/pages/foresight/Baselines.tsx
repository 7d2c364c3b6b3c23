import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { baselinesQuery } from "@/api/foresight";
import type { Baseline } from "@/api/types";
import { useActions } from "@/app/actions";
import { useCan } from "@/app/session";
import { DocumentEditor } from "@/components/DocumentEditor";
import { Show } from "@/components/Query";
import { RefLink } from "@/components/RefLink";
import type { Column } from "@/components/table/column";
import { DataTable } from "@/components/table/DataTable";
import { Sheet } from "@/components/table/Sheet";
import { template } from "@/pages/documents/templates";
import { StateBadge } from "@/ui/Badges";
import { Empty } from "@/ui/Empty";
import { PageHead } from "@/ui/Panel";
import { TimeAgo } from "@/ui/TimeAgo";
import { baselineState } from "./words";

const columns: Column<Baseline>[] = [
  { id: "state", label: "State", width: "7rem", narrow: true, cell: (b) => <StateBadge state={baselineState(b)} />, text: baselineState },
  { id: "name", label: "Baseline", width: "minmax(9rem, 1.2fr)", narrow: true, cell: (b) => <RefLink kind="baseline" id={b.name}>{b.name}</RefLink>, text: (b) => b.name },
  { id: "expr", label: "Watches", width: "minmax(10rem, 2.2fr)", cell: (b) => <code className="mono dim" title={b.spec.expr}>{b.spec.expr}</code>, text: (b) => b.spec.expr },
  { id: "series", label: "Series", width: "4.5rem", align: "right", narrow: true, cell: (b) => b.round.series, text: (b) => b.round.series },
  { id: "left", label: "Left out", width: "5rem", align: "right", cell: (b) => b.round.leftOut || <span className="dim">0</span>, text: (b) => b.round.leftOut },
  { id: "at", label: "Looked at", width: "6rem", align: "right", cell: (b) => <TimeAgo at={b.round.at} />, text: (b) => b.round.at },
];

/** Series whose usual band is learned and whose points are judged. */
export default function Baselines() {
  const can = useCan();
  const navigate = useNavigate();
  const query = useQuery(baselinesQuery);
  const [making, setMaking] = useState(false);
  const why = can("checks:write") ? undefined : "Your role may not make baselines";
  useActions([{ id: "baseline-new", label: "Make a baseline", group: "Actions", keys: "c", disabled: why, run: () => setMaking(true) }]);
  const make = <Button disabled={Boolean(why)} title={why} onClick={() => setMaking(true)}>Make a baseline</Button>;
  return (
    <>
      <PageHead title="Baselines" sub="What series usually are at each hour of the week, and which of their points are unusual" actions={make} />
      <Show query={query} lines={6}>{(list) => (
        <Sheet><DataTable label="Baselines" columns={columns} rows={list} rowKey={(b) => b.id} onOpen={(b) => void navigate({ to: "/baselines/$name", params: { name: b.name } })}
          empty={<Empty title="No baselines yet" action={make}>A baseline learns the usual band of series. It bothers nobody until a metric rule asks it.</Empty>} /></Sheet>
      )}</Show>
      <DocumentEditor what={making ? { kind: "Baseline", draft: template("Baseline") } : undefined} why={why} onClose={() => setMaking(false)} />
    </>
  );
}
