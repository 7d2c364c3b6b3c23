import { Button } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { sourcesQuery } from "@/api/sources";
import type { EventSource } from "@/api/types";
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

const columns: Column<EventSource>[] = [
  { id: "name", label: "Source", width: "minmax(8rem, 1fr)", narrow: true, cell: (s) => s.name, text: (s) => s.name },
  { id: "title", label: "Speaks", width: "minmax(9rem, 1fr)", narrow: true, cell: (s) => s.title, text: (s) => s.title },
  { id: "path", label: "Posts to", width: "minmax(10rem, 1.4fr)", cell: (s) => <span className="mono dim">{s.path}</span>, text: (s) => s.path },
  { id: "state", label: "State", width: "7rem", cell: (s) => <StateBadge state={s.spec.disabled ? "disabled" : "active"} />, text: (s) => (s.spec.disabled ? "disabled" : "active") },
  { id: "updated", label: "Changed", width: "6rem", align: "right", cell: (s) => <TimeAgo at={s.updatedAt} />, text: (s) => s.updatedAt },
];

/** Who may post events here, and in what words. */
export default function Sources() {
  const can = useCan();
  const navigate = useNavigate();
  const [making, setMaking] = useState(false);
  const narrow = Boolean(useMediaQuery("(max-width: 48rem)", false, { getInitialValueInEffect: false }));
  const query = useQuery(sourcesQuery);
  const why = can("alerts:write") ? undefined : "Your role may not declare event sources";
  useActions([{ id: "event-source-new", label: "Add an event source", group: "Actions", keys: "c", disabled: why, run: () => setMaking(true) }]);
  const make = <Button disabled={Boolean(why)} title={why} onClick={() => setMaking(true)}>Add a source</Button>;
  return (
    <>
      <PageHead title="Event sources" sub="Other tools that post their events here" actions={make} />
      <Show query={query} lines={5}>
        {(rows) => <Sheet><DataTable label="Event sources" columns={visible(columns, undefined, narrow)} rows={rows} rowKey={(s) => s.name} total={rows.length ? plural(rows.length, "source") : undefined}
          onOpen={(s) => void navigate({ to: "/event-sources/$name", params: { name: s.name } })}
          empty={<Empty title="Nobody posts events yet" action={make}>Alertmanager, Grafana, Zabbix, Nagios, CloudEvents, PagerDuty clients and Amazon SNS are understood as they are; any other JSON by a mapping that you try on what came.</Empty>} /></Sheet>}
      </Show>
      <DocumentEditor what={making ? { kind: "EventSource", draft: template("EventSource") } : undefined} why={why} onClose={() => { setMaking(false); void query.refetch(); }} />
    </>
  );
}
