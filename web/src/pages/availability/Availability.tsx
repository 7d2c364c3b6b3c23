import { Button, Select } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { linesQuery, reportFile } from "@/api/availability";
import type { AvailabilityLine } from "@/api/types";
import { useActions } from "@/app/actions";
import { useCan } from "@/app/session";
import { useUrl } from "@/app/url";
import { DocumentEditor } from "@/components/DocumentEditor";
import { Show } from "@/components/Query";
import { visible, type Column } from "@/components/table/column";
import { DataTable } from "@/components/table/DataTable";
import { Sheet } from "@/components/table/Sheet";
import { plural } from "@/format/number";
import { StateBadge } from "@/ui/Badges";
import { Empty } from "@/ui/Empty";
import { PageHead } from "@/ui/Panel";
import { template } from "../documents/templates";
import { monthName, months, percent, seconds } from "./figures";

const met = (l: AvailabilityLine) => (l.met === undefined ? "" : l.met ? "met" : "missed");

const columns: Column<AvailabilityLine>[] = [
  { id: "state", label: "Now", width: "7rem", cell: (l) => <StateBadge state={l.state || "unknown"} />, text: (l) => l.state },
  { id: "item", label: "Item", width: "minmax(9rem, 1.5fr)", narrow: true, cell: (l) => l.item.name, text: (l) => l.item.name },
  { id: "availability", label: "Availability", width: "7rem", align: "right", narrow: true, cell: (l) => percent(l.availability), text: (l) => l.availability },
  { id: "target", label: "Target", width: "5rem", align: "right", cell: (l) => (l.target ? `${l.target} %` : "–"), text: (l) => l.target },
  { id: "met", label: "Target", quiet: true, width: "6rem", narrow: true, cell: (l) => (met(l) ? <StateBadge state={met(l)} /> : <span className="dim">–</span>), text: met },
  { id: "down", label: "Down", width: "6rem", align: "right", cell: (l) => seconds(l.down), text: (l) => l.down },
  { id: "left", label: "Budget left", width: "7rem", align: "right", cell: (l) => (l.target ? seconds(l.budgetLeft) : "–"), text: (l) => l.budgetLeft },
  { id: "outages", label: "Outages", width: "5rem", align: "right", cell: (l) => l.outages || <span className="dim">0</span>, text: (l) => l.outages },
  { id: "mttr", label: "MTTR", width: "6rem", align: "right", cell: (l) => seconds(l.mttr), text: (l) => l.mttr },
  { id: "agreement", label: "By", width: "minmax(6rem, 1fr)", cell: (l) => <span className="dim">{l.targetName}</span>, text: (l) => l.targetName },
];

/** How available everything with a target was in a month. */
export default function Availability() {
  const can = useCan();
  const navigate = useNavigate();
  const [search, setUrl] = useUrl();
  const [now] = useState(() => Date.now());
  const [making, setMaking] = useState(false);
  const narrow = Boolean(useMediaQuery("(max-width: 48rem)", false, { getInitialValueInEffect: false }));
  const choices = months(now);
  const month = search.at ?? choices[0]!;
  const query = useQuery(linesQuery(month));
  const why = can("availability:write") ? undefined : "Your role may not set availability targets";
  useActions([{ id: "target-new", label: "Set an availability target", group: "Actions", keys: "c", disabled: why, run: () => setMaking(true) }]);
  const make = <Button disabled={Boolean(why)} title={why} onClick={() => setMaking(true)}>Set a target</Button>;
  return (
    <>
      <PageHead title="Availability" sub="Of the agreed hours, without maintenance"
        actions={<>
          <Select aria-label="Month" allowDeselect={false} data={choices.map((m) => ({ value: m, label: monthName(m) }))} value={month} onChange={(m) => setUrl({ at: m ?? undefined })} style={{ width: "11rem" }} />
          <Button component="a" variant="default" href={reportFile("pdf", month)} download>PDF</Button>
          <Button component="a" variant="default" href={reportFile("xlsx", month)} download>Excel</Button>
          {make}
        </>} />
      <Show query={query} lines={6}>
        {(d) => <Sheet><DataTable label={`Availability in ${monthName(month)}`} columns={visible(columns, undefined, narrow)} rows={d.items} rowKey={(l) => `${l.item.id} ${l.targetName}`} busy={query.isPlaceholderData}
          onOpen={(l) => void navigate({ to: "/availability/$id", params: { id: l.item.id }, search: (before: object) => ({ ...before, at: month }) })} total={d.items.length ? plural(d.items.length, "item") : undefined}
          empty={<Empty title="No availability targets yet" action={make}>A target says which items must be available how much of which hours. Figures are kept for all items that are checked.</Empty>} /></Sheet>}
      </Show>
      <DocumentEditor what={making ? { kind: "AvailabilityTarget", draft: template("AvailabilityTarget") } : undefined} why={why} onClose={() => setMaking(false)} />
    </>
  );
}
