import { Button } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { eventRulesQuery } from "@/api/eventrules";
import type { EventRules as All, EventRuleSpec, EventRuleState, EventRulesDocument } from "@/api/types";
import { useActions } from "@/app/actions";
import { useCan } from "@/app/session";
import { DocumentEditor } from "@/components/DocumentEditor";
import { Show } from "@/components/Query";
import { visible, type Column } from "@/components/table/column";
import { DataTable } from "@/components/table/DataTable";
import { Sheet } from "@/components/table/Sheet";
import { plural } from "@/format/number";
import { Count, StateBadge } from "@/ui/Badges";
import { Empty } from "@/ui/Empty";
import { Mark } from "@/ui/Mark";
import { PageHead } from "@/ui/Panel";
import { TimeAgo } from "@/ui/TimeAgo";
import { template } from "../documents/templates";
import { deeds } from "./form";

interface Row {
  at: number;
  doc: EventRulesDocument;
  spec: EventRuleSpec;
  state: EventRuleState;
}

const rowsOf = (all: All): Row[] => all.documents.flatMap((doc) => doc.rules.map((state, i) => ({ doc, state, spec: doc.spec.rules[i]! }))).map((r, i) => ({ ...r, at: i + 1 }));

const stateOf = (r: Row) => (r.state.acts ? "active" : r.doc.enabled ? "disabled" : "draft");

const columns: Column<Row>[] = [
  { id: "at", label: "#", width: "2.5rem", align: "right", cell: (r) => <span className="dim">{r.at}</span>, text: (r) => r.at },
  { id: "rule", label: "Rule", width: "minmax(9rem, 1.1fr)", narrow: true, cell: (r) => <span title={r.state.id}>{r.spec.name}</span>, text: (r) => r.state.id },
  { id: "document", label: "Document", width: "minmax(6rem, .7fr)", narrow: true, cell: (r) => <span className="dim">{r.doc.name}</span>, text: (r) => r.doc.name },
  { id: "when", label: "When", width: "minmax(9rem, 1.6fr)", cell: (r) => (r.spec.when ? <code className="mono dim" title={r.spec.when}>{r.spec.when}</code> : <span className="dim">every event</span>), text: (r) => r.spec.when },
  { id: "does", label: "Does", width: "minmax(9rem, 1.3fr)", cell: (r) => { const text = deeds(r.spec).join("; "); return <span title={text}>{text}</span>; }, text: (r) => deeds(r.spec).join("; ") },
  { id: "state", label: "State", width: "6rem", cell: (r) => <StateBadge state={stateOf(r)} />, text: stateOf },
  { id: "matched", label: "Matched", width: "4.75rem", align: "right", narrow: true, cell: (r) => <Count value={r.state.counts.matched} />, text: (r) => r.state.counts.matched },
  { id: "dropped", label: "Dropped", width: "4.75rem", align: "right", cell: (r) => <Count value={r.state.counts.dropped} />, text: (r) => r.state.counts.dropped },
  { id: "held", label: "Held", width: "4rem", align: "right", cell: (r) => <Count value={r.state.counts.held + r.state.counts.summarised} />, text: (r) => r.state.counts.held + r.state.counts.summarised },
  { id: "failed", label: "Failed", width: "4rem", align: "right", cell: (r) => <span title={r.state.counts.lastFailure}><Count value={r.state.counts.failed} level={r.state.counts.failed ? "minor" : undefined} /></span>, text: (r) => r.state.counts.failed },
  { id: "last", label: "Last match", width: "6rem", align: "right", cell: (r) => <TimeAgo at={r.state.counts.lastMatch} />, text: (r) => r.state.counts.lastMatch },
];

/** What becomes of events on their way to alerts. */
export default function EventRules() {
  const can = useCan();
  const navigate = useNavigate();
  const [making, setMaking] = useState(false);
  const narrow = Boolean(useMediaQuery("(max-width: 48rem)", false, { getInitialValueInEffect: false }));
  const query = useQuery(eventRulesQuery);
  const why = can("alerts:write") ? undefined : "Your role may not declare event rules";
  useActions([{ id: "event-rules-new", label: "Add event rules", group: "Actions", keys: "c", disabled: why, run: () => setMaking(true) }]);
  const make = <Button disabled={Boolean(why)} title={why} onClick={() => setMaking(true)}>Add rules</Button>;
  return (
    <>
      <PageHead title="Event rules" sub="What becomes of events on their way to alerts, from the first rule to the last" actions={make} />
      <Show query={query} lines={6}>
        {(all) => {
          const rows = rowsOf(all);
          return (
            <>
              {all.overflow > 0 && <p className="row" role="status"><Mark level="major" /> {plural(all.overflow, "event")} passed because rules already remember {all.most.toLocaleString("en")} keys, which is as many as they may.</p>}
              <Sheet>
                <DataTable label="Event rules" columns={visible(columns, undefined, narrow)} rows={rows} rowKey={(r) => r.state.id} total={rows.length ? `${plural(rows.length, "rule")} in ${plural(all.documents.length, "document")}, ${plural(all.remembered, "key")} remembered` : undefined}
                  onOpen={(r) => void navigate({ to: "/event-rules/$name", params: { name: r.doc.name }, search: (s) => ({ ...s, show: r.spec.name }) })}
                  empty={<Empty title="Events act as they come" action={make}>Rules drop noise, set severities and keys, add what the graph knows, hold back what clears itself, and make one alert of a storm. Try them on recorded events before they act.</Empty>} />
              </Sheet>
            </>
          );
        }}
      </Show>
      <DocumentEditor what={making ? { kind: "EventRules", draft: template("EventRules") } : undefined} why={why} onClose={() => { setMaking(false); void query.refetch(); }} />
    </>
  );
}
