import { ActionIcon, Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import { dashboardsPath, markDashboard, tagsQuery, type Dashboard } from "@/api/dashboards";
import { useActions } from "@/app/actions";
import { useCan } from "@/app/session";
import { TeamName } from "@/components/Names";
import { Quick } from "@/components/Quick";
import { RefLink } from "@/components/RefLink";
import type { Column, Filter } from "@/components/table/column";
import { ListView } from "@/components/table/ListView";
import { useDo } from "@/components/toast";
import { Tag } from "@/ui/Badges";
import { Empty } from "@/ui/Empty";
import { IconStar, IconStarred } from "@/ui/icons";
import { PageHead } from "@/ui/Panel";
import { TimeAgo } from "@/ui/TimeAgo";
import { Generate } from "./Generate";
import { Import } from "./Import";

export function Star({ d }: { d: Pick<Dashboard, "id" | "favourite" | "spec"> }) {
  const flip = useDo({ run: () => markDashboard(d.id, !d.favourite), touches: ["dashboard"] });
  return <ActionIcon size="sm" loading={flip.isPending} aria-pressed={d.favourite} aria-label={`${d.spec.title} is a favourite`} title={d.favourite ? "No longer a favourite" : "Make it a favourite"} onClick={(e) => { e.stopPropagation(); flip.mutate(undefined); }}>{d.favourite ? <IconStarred size={15} /> : <IconStar size={15} stroke={1.6} />}</ActionIcon>;
}

const columns: Column<Dashboard>[] = [
  { id: "favourite", label: "Favourite", quiet: true, width: "2.25rem", narrow: true, cell: (d) => <Star d={d} />, text: (d) => (d.favourite ? "favourite" : "") },
  { id: "title", label: "Dashboard", width: "minmax(10rem, 1.5fr)", sort: "title", narrow: true, cell: (d) => <RefLink kind="dashboard" id={d.id}>{d.spec.title}</RefLink>, text: (d) => d.spec.title },
  { id: "description", label: "Description", width: "minmax(8rem, 2fr)", cell: (d) => <span className="dim">{d.spec.description}</span>, text: (d) => d.spec.description },
  { id: "tags", label: "Tags", width: "minmax(6rem, 1fr)", cell: (d) => <span className="row">{(d.spec.tags ?? []).map((t) => <Tag key={t}>{t}</Tag>)}</span>, text: (d) => (d.spec.tags ?? []).join(" ") },
  { id: "team", label: "Team", width: "7rem", cell: (d) => <TeamName id={d.spec.team} none="common" />, text: (d) => d.spec.team },
  { id: "name", label: "Document", width: "8rem", sort: "name", hidden: true, cell: (d) => <code className="mono dim">{d.name}</code>, text: (d) => d.name },
  { id: "updatedAt", label: "Changed", width: "6rem", sort: "updatedAt", align: "right", cell: (d) => <TimeAgo at={d.updatedAt} />, text: (d) => d.updatedAt },
];

/** All dashboards; one's favourites come first. */
export default function Dashboards() {
  const can = useCan();
  const navigate = useNavigate();
  const [open, setOpen] = useState<"import" | "generate">();
  const tags = useQuery(tagsQuery);
  const filters = useMemo<Filter[]>(() => [...(tags.data?.length ? [{ field: "tags", label: "Tag", kind: "text" as const }] : []), { field: "updatedAt", label: "Changed", kind: "time" }], [tags.data]);
  const why = can("dashboards:write") ? undefined : "Your role may not make dashboards";
  const make = () => void navigate({ to: "/dashboards/new" });
  useActions([
    { id: "dashboard-new", label: "Make a dashboard", group: "Actions", keys: "c", disabled: why, run: make },
    { id: "dashboard-import", label: "Import a Grafana dashboard", group: "Actions", disabled: why, run: () => setOpen("import") },
    { id: "dashboard-class", label: "Open the dashboard of an item", group: "Actions", run: () => setOpen("generate") },
  ]);
  const button = <Button disabled={Boolean(why)} title={why} onClick={make}>Make a dashboard</Button>;
  return (
    <>
      <PageHead title="Dashboards" sub="Every item has one by itself; these are those people made"
        actions={<><Button variant="default" onClick={() => setOpen("generate")}>Of an item</Button><Button variant="default" disabled={Boolean(why)} title={why} onClick={() => setOpen("import")}>Import</Button>{button}</>} />
      <ListView<Dashboard> kind="dashboard" path={dashboardsPath} label="Dashboards" columns={columns} filters={filters} rowKey={(d) => d.id} defaultSort="-favourite,title" onOpen={(d) => void navigate({ to: "/dashboards/$id", params: { id: d.id } })}
        quick={<Quick field="favourite" label="Which dashboards" options={[{ label: "All", values: [] }, { label: "Favourites", values: ["1"] }]} />}
        empty={<Empty title="No dashboards yet" action={<span className="row">{button}<Button variant="default" onClick={() => setOpen("generate")}>Open that of an item</Button></span>}>Every item has a dashboard that is made of what is measured of it. Make one of your own for what belongs together.</Empty>} />
      {open === "import" && <Import onClose={() => setOpen(undefined)} />}
      {open === "generate" && <Generate onClose={() => setOpen(undefined)} />}
    </>
  );
}
