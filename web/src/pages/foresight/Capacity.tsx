import { Button } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import { capacityPath, capacityReader } from "@/api/foresight";
import type { Thing } from "@/api/types";
import { useCan } from "@/app/session";
import { useUrl } from "@/app/url";
import { DocumentEditor } from "@/components/DocumentEditor";
import { ItemPicker } from "@/components/ItemPicker";
import { ItemLink } from "@/components/Names";
import type { Column, Filter } from "@/components/table/column";
import { ListView } from "@/components/table/ListView";
import { withUnit } from "@/format/number";
import { template } from "@/pages/documents/templates";
import { StateBadge } from "@/ui/Badges";
import { Empty } from "@/ui/Empty";
import { PageHead } from "@/ui/Panel";
import { nearness, onDay, young } from "./words";

const columns: Column<Thing>[] = [
  { id: "state", label: "State", width: "6.5rem", cell: (t) => <StateBadge state={nearness(t, Date.now())} />, text: (t) => nearness(t, Date.now()) },
  { id: "item", label: "Item", width: "minmax(8rem, 1.2fr)", sort: "itemName", narrow: true, cell: (t) => <ItemLink id={t.item} name={t.itemName} />, text: (t) => t.itemName },
  { id: "title", label: "What", width: "minmax(7rem, 1.2fr)", sort: "title", narrow: true, cell: (t) => <span>{t.title} {t.title !== t.pool && <span className="dim">{t.pool}</span>}</span>, text: (t) => `${t.pool} ${t.title}` },
  { id: "site", label: "Site", width: "minmax(5rem, 0.8fr)", sort: "site", cell: (t) => t.site || <span className="dim">–</span>, text: (t) => t.site },
  { id: "share", label: "Used", width: "4.5rem", align: "right", sort: "share", cell: (t) => withUnit(t.share, "ratio"), text: (t) => t.share },
  { id: "capacity", label: "Of", width: "6rem", align: "right", sort: "capacity", cell: (t) => withUnit(t.capacity, t.unit), text: (t) => t.capacity },
  { id: "slope", label: "A day", width: "6.5rem", align: "right", sort: "slope", cell: (t) => withUnit(t.slope, t.unit), text: (t) => t.slope },
  { id: "earliest", label: "Earliest", width: "6.5rem", align: "right", sort: "earliest", cell: (t) => onDay(t.earliest) ?? <span className="dim">–</span>, text: (t) => t.earliest },
  { id: "likely", label: "Full on", width: "6.5rem", align: "right", sort: "likely", narrow: true, cell: (t) => onDay(t.likely) ?? (young(t, Date.now()) ? <span className="dim" title="A forecast needs some days of history">not known yet</span> : <span className="dim" title={`Not before ${onDay(t.horizon)}`}>not soon</span>), text: (t) => t.likely },
];
const filters: Filter[] = [
  { field: "pool", label: "Pool", kind: "text" }, { field: "site", label: "Site", kind: "text" }, { field: "itemName", label: "Item", kind: "text" },
  { field: "share", label: "Used", kind: "number" }, { field: "likely", label: "Full on", kind: "time" },
];

/** What fills, and when it is full; of everything or of what one service depends on. */
export default function Capacity() {
  const navigate = useNavigate();
  const can = useCan();
  const [search, setUrl] = useUrl();
  const [making, setMaking] = useState(false);
  const read = useMemo(() => capacityReader(search.focus), [search.focus]);
  const why = can("checks:write") ? undefined : "Your role may not make pools";
  return (
    <>
      <PageHead title="Capacity" sub="When what fills is full: forecasts with an interval of 90 %" actions={<>
        <Button variant="default" onClick={() => void navigate({ to: "/capacity-report" })}>Weekly report</Button>
        <Button disabled={Boolean(why)} title={why} onClick={() => setMaking(true)}>Watch a pool</Button></>} />
      <ListView<Thing> key={search.focus} kind="capacity" path={`${capacityPath}#${search.focus ?? ""}`} label="What fills" columns={columns} filters={filters} rowKey={(t) => t.id} defaultSort="likely,earliest,-share" read={read}
        onOpen={(t) => void navigate({ to: "/capacity/$id", params: { id: t.id } })}
        quick={<div style={{ minWidth: "14rem" }}><ItemPicker toolbar label="Of the service" value={search.focus ?? ""} onChange={(id) => setUrl({ focus: id || undefined })} placeholder="Of one service" /></div>}
        empty={<Empty title="Nothing that fills is known yet">File systems, inodes, memory and processors of hosts with an agent appear by themselves within minutes. Anything else is a pool.</Empty>} />
      <DocumentEditor what={making ? { kind: "CapacityPool", draft: template("CapacityPool") } : undefined} why={why} onClose={() => setMaking(false)} />
    </>
  );
}
