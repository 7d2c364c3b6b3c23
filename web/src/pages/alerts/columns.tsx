import type { Alert } from "@/api/types";
import { ItemLink } from "@/components/Names";
import type { Column, Filter } from "@/components/table/column";
import { SeverityBadge, SeverityMark, StateBadge, Tag } from "@/ui/Badges";
import { TimeAgo, Took } from "@/ui/TimeAgo";

/** All who tell this fault. */
const sources = (a: Alert) => [a.source, ...(a.alsoFrom ?? []).map((o) => o.source)];

export const alertColumns: Column<Alert>[] = [
  { id: "severity", label: "Severity", width: "6rem", sort: "severity", narrow: true, compact: { width: "1.125rem", cell: (a) => <SeverityMark severity={a.severity} /> }, cell: (a) => <SeverityBadge severity={a.severity} />, text: (a) => a.severity },
  { id: "title", label: "Alert", width: "minmax(10rem, 3fr)", narrow: true, cell: (a) => <span title={a.title}>{a.title}</span>, text: (a) => a.title },
  { id: "item", label: "Item", width: "minmax(7rem, 1fr)", cell: (a) => <ItemLink id={a.item} name={a.itemName} />, text: (a) => a.itemName ?? a.item },
  { id: "state", label: "State", width: "8rem", sort: "state", cell: (a) => <span className="row" style={{ gap: "0.25rem" }}><StateBadge state={a.state} />{a.flapping && <Tag>flapping</Tag>}</span>, text: (a) => a.state },
  { id: "source", label: "Source", width: "7rem", sort: "source", cell: (a) => <span className="dim" title={sources(a).join(", ")}>{a.source}{a.alsoFrom?.length ? ` +${a.alsoFrom.length}` : ""}</span>, text: (a) => sources(a).join(" ") },
  { id: "count", label: "Events", width: "4rem", align: "right", sort: "count", cell: (a) => a.count.toLocaleString("en"), text: (a) => a.count },
  { id: "opened", label: "Open for", width: "5.5rem", sort: "openedAt", align: "right", narrow: true, cell: (a) => (a.clearedAt ? <span className="dim"><Took from={a.openedAt} to={a.clearedAt} /></span> : <TimeAgo at={a.openedAt} bare />), text: (a) => a.openedAt },
  { id: "last", label: "Last event", width: "6rem", sort: "lastSeen", align: "right", hidden: true, cell: (a) => <TimeAgo at={a.lastSeen} />, text: (a) => a.lastSeen },
  { id: "key", label: "Key", width: "minmax(8rem, 1fr)", hidden: true, cell: (a) => <span className="mono">{a.key}</span>, text: (a) => a.key },
];

export const alertFilters: Filter[] = [
  { field: "severity", label: "Severity", kind: "severity" },
  { field: "state", label: "State", kind: "choice", choices: ["open", "acknowledged", "suppressed", "cleared"] },
  { field: "source", label: "Source", kind: "text" },
  { field: "item", label: "Item", kind: "text" },
  { field: "openedAt", label: "Opened", kind: "time" },
  { field: "sameAs", label: "Told already by", kind: "text" },
];
