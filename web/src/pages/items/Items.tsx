import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import { classesQuery, itemsPath } from "@/api/graph";
import type { Item } from "@/api/items";
import { useActions } from "@/app/actions";
import { useHealth } from "@/app/health";
import { useCan } from "@/app/session";
import { brief } from "@/components/brief";
import { TeamName } from "@/components/Names";
import { Quick } from "@/components/Quick";
import { RefLink } from "@/components/RefLink";
import type { Column, Filter } from "@/components/table/column";
import { ListView } from "@/components/table/ListView";
import { hostClasses } from "@/pages/conditions";
import { SeverityBadge, SeverityMark, Tag } from "@/ui/Badges";
import { Empty } from "@/ui/Empty";
import { PageHead } from "@/ui/Panel";
import { TimeAgo } from "@/ui/TimeAgo";
import { NewItem } from "./EditItem";

const attribute = (id: string, label: string): Column<Item> => ({
  id, label, width: "minmax(6rem, 1fr)", hidden: true, cell: (i) => <span title={brief(i.attributes?.[id])}>{brief(i.attributes?.[id])}</span>, text: (i) => brief(i.attributes?.[id]),
});

const fixed: Column<Item>[] = [
  { id: "name", label: "Name", width: "minmax(10rem, 2fr)", sort: "name", narrow: true, cell: (i) => <RefLink kind="item" id={i.id}>{i.name}</RefLink>, text: (i) => i.name },
  { id: "class", label: "Class", width: "minmax(6rem, 1fr)", sort: "class", narrow: true, compact: { width: "6.5rem", cell: (i) => <span className="dim" title={i.class}>{i.class.replaceAll("_", " ")}</span> }, cell: (i) => <span className="row" style={{ gap: "0.25rem" }}><Tag>{i.class.replaceAll("_", " ")}</Tag>{i.state !== "active" && <Tag>{i.state}</Tag>}</span>, text: (i) => i.class },
  { id: "site", label: "Site", width: "minmax(5rem, 1fr)", cell: (i) => i.site || <span className="dim">–</span>, text: (i) => i.site },
  { id: "team", label: "Team", width: "minmax(5rem, 1fr)", cell: (i) => <TeamName id={i.team} />, text: (i) => i.team },
  { id: "criticality", label: "Criticality", width: "6rem", sort: "criticality", cell: (i) => i.criticality || <span className="dim">–</span>, text: (i) => i.criticality },
  { id: "by", label: "Source", width: "7rem", cell: (i) => <span className="dim">{i.changedBy || "–"}</span>, text: (i) => i.changedBy },
  { id: "changed", label: "Changed", width: "6rem", align: "right", sort: "updatedAt", cell: (i) => <TimeAgo at={i.updatedAt} />, text: (i) => i.updatedAt },
  attribute("os", "Operating system"), attribute("address", "Address"), attribute("version", "Version"), attribute("vendor", "Vendor"), attribute("model", "Model"), attribute("serial", "Serial"),
  { id: "id", label: "Id", width: "15rem", hidden: true, cell: (i) => <span className="mono">{i.id}</span>, text: (i) => i.id },
];

const kinds = [
  { label: "All", values: [] }, { label: "Services", values: ["business_service", "application_service"] }, { label: "Hosts", values: hostClasses },
  { label: "Databases", values: ["database_server", "database"] }, { label: "Network", values: ["network_device", "switch", "router", "firewall", "load_balancer", "access_point"] },
];
const rowKey = (i: Item) => i.id;

export default function Items() {
  const navigate = useNavigate();
  const classes = useQuery(classesQuery);
  const health = useHealth();
  const can = useCan();
  const [creating, setCreating] = useState(false);
  const why = can("items:write") ? undefined : "Your role may not create items";
  useActions([{ id: "item-new", label: "New item", group: "Actions", keys: "c", disabled: why, run: () => setCreating(true) }]);
  const columns = useMemo<Column<Item>[]>(() => [
    ...fixed.slice(0, 2),
    { id: "severity", label: "Condition", width: "7rem", narrow: true, compact: { width: "1.125rem", cell: (i) => <SeverityMark severity={health(i.id)} /> }, cell: (i) => <SeverityBadge severity={health(i.id)} />, text: (i) => health(i.id) },
    ...fixed.slice(2),
  ], [health]);
  const filters = useMemo<Filter[]>(() => [
    { field: "class", label: "Class", kind: "choice", choices: classes.data?.items.filter((c) => !c.abstract).map((c) => c.name) },
    { field: "name", label: "Name", kind: "text" },
    { field: "state", label: "State", kind: "choice", choices: ["active", "missing", "retired", "deleted", "merged"] },
    { field: "site", label: "Site", kind: "text" },
    { field: "criticality", label: "Criticality", kind: "choice", choices: ["low", "medium", "high", "critical"] },
    { field: "updatedAt", label: "Changed", kind: "time" },
  ], [classes.data]);
  return (
    <>
      {creating && <NewItem onClose={() => setCreating(false)} />}
      <PageHead title="Items" sub="Everything the business runs on" actions={<><Link to="/map" className="link">As a map</Link><Link to="/duplicates" className="link">Duplicates</Link><Button disabled={Boolean(why)} title={why} onClick={() => setCreating(true)}>New item</Button></>} />
      <ListView<Item> kind="item" path={itemsPath} label="Items" columns={columns} filters={filters} rowKey={rowKey} defaultSort="name" quick={<Quick field="class" label="Which items" options={kinds} />}
        onOpen={(i) => void navigate({ to: "/items/$id", params: { id: i.id } })}
        empty={<Empty title="No items yet" action={<Link to="/agents" className="link">Add a host</Link>}>Items come from agents, discovery, imports and people. The host Mainstay runs on appears by itself within half a minute.</Empty>} />
    </>
  );
}
