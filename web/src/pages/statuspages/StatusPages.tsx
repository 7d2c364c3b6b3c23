import { Button } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { statusPagesQuery } from "@/api/statuspages";
import type { StatusPage } from "@/api/types";
import { useActions } from "@/app/actions";
import { useCan } from "@/app/session";
import { DocumentEditor } from "@/components/DocumentEditor";
import { Show } from "@/components/Query";
import { visible, type Column } from "@/components/table/column";
import { DataTable } from "@/components/table/DataTable";
import { Sheet } from "@/components/table/Sheet";
import { plural } from "@/format/number";
import { StateBadge } from "@/ui/Badges";
import { Empty } from "@/ui/Empty";
import { PageHead } from "@/ui/Panel";
import { TimeAgo } from "@/ui/TimeAgo";
import { template } from "../documents/templates";

const columns: Column<StatusPage>[] = [
  { id: "status", label: "State", width: "9rem", narrow: true, cell: (p) => <StateBadge state={p.status} />, text: (p) => p.status },
  { id: "title", label: "Page", width: "minmax(9rem, 1.5fr)", narrow: true, cell: (p) => p.title, text: (p) => p.title },
  { id: "slug", label: "Address", width: "minmax(8rem, 1fr)", cell: (p) => <span className="mono dim">/status/{p.slug}</span>, text: (p) => p.slug },
  { id: "visibility", label: "Seen by", width: "7rem", cell: (p) => (p.visibility === "public" ? "everybody" : "signed in"), text: (p) => p.visibility },
  { id: "components", label: "Components", width: "7rem", align: "right", cell: (p) => p.components.length, text: (p) => p.components.length },
  { id: "subscribers", label: "Subscribers", width: "7rem", align: "right", cell: (p) => p.subscribers, text: (p) => p.subscribers },
  { id: "rendered", label: "As of", width: "6rem", align: "right", cell: (p) => <TimeAgo at={p.renderedAt} />, text: (p) => p.renderedAt },
];

/** Pages that tell people outside how things are. */
export default function StatusPages() {
  const can = useCan();
  const navigate = useNavigate();
  const [making, setMaking] = useState(false);
  const narrow = Boolean(useMediaQuery("(max-width: 48rem)", false, { getInitialValueInEffect: false }));
  const query = useQuery(statusPagesQuery);
  const why = can("statuspages:write") ? undefined : "Your role may not make status pages";
  useActions([{ id: "status-page-new", label: "Make a status page", group: "Actions", keys: "c", disabled: why, run: () => setMaking(true) }]);
  const make = <Button disabled={Boolean(why)} title={why} onClick={() => setMaking(true)}>Make a page</Button>;
  return (
    <>
      <PageHead title="Status pages" sub="What people outside are told: only the names that are declared" actions={make} />
      <Show query={query} lines={5}>
        {(rows) => <Sheet><DataTable label="Status pages" columns={visible(columns, undefined, narrow)} rows={rows} rowKey={(p) => p.name} total={rows.length ? plural(rows.length, "page") : undefined}
          onOpen={(p) => void navigate({ to: "/status-pages/$name", params: { name: p.name } })} empty={<Empty title="No status pages yet" action={make}>A page shows components, incidents and planned maintenance, and is served even when the rest is busy.</Empty>} /></Sheet>}
      </Show>
      <DocumentEditor what={making ? { kind: "StatusPage", draft: template("StatusPage") } : undefined} why={why} onClose={() => setMaking(false)} />
    </>
  );
}
