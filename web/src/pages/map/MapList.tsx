import { useMemo } from "react";
import type { MapNode } from "@/api/items";
import { RefLink } from "@/components/RefLink";
import { visible, type Column } from "@/components/table/column";
import { DataTable } from "@/components/table/DataTable";
import { SeverityBadge, Tag } from "@/ui/Badges";
import { levelRank } from "@/ui/severity";
import { useMediaQuery } from "@mantine/hooks";
import { Empty } from "@/ui/Empty";
import classes from "./Map.module.css";
import { groupOf, type Grouping, type View } from "./model";

/** The same graph as rows, the worst first: for keyboards, screen readers and long lists. */
export function MapList({ view, nodes, by, labels, selected, onSelect }: { view: View; nodes: MapNode[]; by: Grouping; labels: ReadonlyMap<string, string>; selected?: string; onSelect: (id: string) => void }) {
  const narrow = useMediaQuery("(max-width: 48rem)", false, { getInitialValueInEffect: false });
  const degree = useMemo(() => {
    const d = new Map<string, { out: number; in: number }>();
    const of = (id: string) => d.get(id) ?? (d.set(id, { out: 0, in: 0 }), d.get(id)!);
    for (const e of view.edges) {
      of(e.from).out++;
      of(e.to).in++;
    }
    return d;
  }, [view.edges]);
  const rows = useMemo(() => [...nodes].sort((a, b) => levelRank(b.severity) - levelRank(a.severity) || a.name.localeCompare(b.name)), [nodes]);
  const columns: Column<MapNode>[] = [
    { id: "severity", label: "Condition", width: "7rem", narrow: true, cell: (n) => <SeverityBadge severity={n.severity ?? "clear"} />, text: (n) => n.severity },
    { id: "name", label: "Name", width: "minmax(10rem, 2fr)", narrow: true, cell: (n) => <RefLink kind="item" id={n.id}>{n.name}</RefLink>, text: (n) => n.name },
    { id: "class", label: "Class", width: "minmax(6rem, 1fr)", cell: (n) => <Tag>{n.class.replaceAll("_", " ")}</Tag>, text: (n) => n.class },
    { id: "group", label: "Group", width: "minmax(6rem, 1fr)", cell: (n) => labels.get(groupOf(n, by)) ?? (groupOf(n, by) || "–"), text: (n) => labels.get(groupOf(n, by)) ?? groupOf(n, by) },
    { id: "out", label: "Goes to", width: "4.5rem", align: "right", cell: (n) => degree.get(n.id)?.out ?? 0, text: (n) => degree.get(n.id)?.out },
    { id: "in", label: "Comes from", width: "5.5rem", align: "right", cell: (n) => degree.get(n.id)?.in ?? 0, text: (n) => degree.get(n.id)?.in },
  ];
  return <div className={classes.canvas}><DataTable label="Items on the map" columns={visible(columns, undefined, Boolean(narrow))} rows={rows} rowKey={(n) => n.id} onOpen={(n) => onSelect(n.id)} selected={selected} empty={<Empty title="Nothing is called that" />} /></div>;
}
