import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { useMemo } from "react";
import { classesQuery, itemsPath } from "@/api/graph";
import type { Item } from "@/api/types";
import { brief } from "@/components/Json";
import { RefLink } from "@/components/RefLink";
import type { Column, Filter } from "@/components/table/column";
import { ListView } from "@/components/table/ListView";
import { SeverityBadge, Tag } from "@/ui/Badges";
import { Empty } from "@/ui/Empty";
import { PageHead } from "@/ui/Panel";
import { TimeAgo } from "@/ui/TimeAgo";

const attribute = (id: string, label: string): Column<Item> => ({
  id, label, width: "minmax(6rem, 1fr)", hidden: true, cell: (i) => <span title={brief(i.attributes[id])}>{brief(i.attributes[id])}</span>, text: (i) => brief(i.attributes[id]),
});

const columns: Column<Item>[] = [
  { id: "name", label: "Name", width: "minmax(10rem, 2fr)", sort: "name", narrow: true, cell: (i) => <RefLink kind="item" id={i.id}>{i.name}</RefLink>, text: (i) => i.name },
  { id: "class", label: "Class", width: "minmax(6rem, 1fr)", sort: "class", narrow: true, cell: (i) => <Tag>{i.class.replaceAll("_", " ")}</Tag>, text: (i) => i.class },
  { id: "severity", label: "Condition", width: "7rem", narrow: true, cell: (i) => <SeverityBadge severity={i.severity ?? "clear"} />, text: (i) => i.severity },
  { id: "site", label: "Site", width: "minmax(5rem, 1fr)", cell: (i) => i.site || brief(i.attributes.site), text: (i) => i.site },
  { id: "identities", label: "Known as", width: "minmax(8rem, 1.5fr)", cell: (i) => <span className="dim">{i.identities?.map((x) => x.value).slice(0, 3).join(", ") || "–"}</span>, text: (i) => i.identities?.map((x) => `${x.kind}=${x.value}`).join(" ") },
  { id: "sources", label: "Sources", width: "7rem", cell: (i) => <span className="dim">{i.sources?.join(", ") || "–"}</span>, text: (i) => i.sources?.join(", ") },
  { id: "changed", label: "Changed", width: "6rem", align: "right", sort: "changed", cell: (i) => <TimeAgo at={i.changedAt} />, text: (i) => i.changedAt },
  attribute("os", "Operating system"), attribute("address", "Address"), attribute("version", "Version"), attribute("vendor", "Vendor"), attribute("model", "Model"), attribute("serial", "Serial"),
  { id: "id", label: "Id", width: "15rem", hidden: true, cell: (i) => <span className="mono">{i.id}</span>, text: (i) => i.id },
];

export default function Items() {
  const navigate = useNavigate();
  const classes = useQuery(classesQuery);
  const filters = useMemo<Filter[]>(() => [
    { field: "class", label: "Class", kind: "choice", choices: classes.data?.items.map((c) => c.name) },
    { field: "name", label: "Name", kind: "text" },
    { field: "changed", label: "Changed", kind: "time" },
  ], [classes.data]);
  return (
    <>
      <PageHead title="Items" sub="Everything the business runs on" actions={<Link to="/map" className="link">As a map</Link>} />
      <ListView<Item> kind="item" path={itemsPath} label="Items" columns={columns} filters={filters} rowKey={(i) => i.id} defaultSort="name"
        onOpen={(i) => void navigate({ to: "/items/$id", params: { id: i.id } })}
        empty={<Empty title="No items yet" action={<Link to="/agents" className="link">Add a host</Link>}>Items come from agents, discovery, imports and people. The host Mainstay runs on appears by itself within half a minute.</Empty>} />
    </>
  );
}
