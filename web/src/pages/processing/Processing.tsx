import { Button, Tabs } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { processingQuery } from "@/api/processing";
import type { ProcessingRule } from "@/api/types";
import { useCan } from "@/app/session";
import { useUrl } from "@/app/url";
import { DocumentEditor, type Edited } from "@/components/DocumentEditor";
import { Show } from "@/components/Query";
import { visible, type Column } from "@/components/table/column";
import { DataTable } from "@/components/table/DataTable";
import { Sheet } from "@/components/table/Sheet";
import { count, plural } from "@/format/number";
import { Empty } from "@/ui/Empty";
import { PageHead } from "@/ui/Panel";
import { template } from "../documents/templates";
import { Datasets } from "./Datasets";
import { Deletions } from "./Deletions";
import { stepsOf, whenOf, yamlOfRule } from "./rule";
import { Try } from "./Try";

const figure = (n: number) => (n ? <span title={n.toLocaleString("en")}>{count(n)}</span> : <span className="dim">0</span>);

const columns: Column<ProcessingRule>[] = [
  { id: "order", label: "Order", width: "4.5rem", align: "right", cell: (r) => <span className="dim">{r.order > 1_000_000 ? "last" : r.order}</span>, text: (r) => r.order },
  { id: "name", label: "Rule", width: "minmax(9rem, 1.2fr)", narrow: true, cell: (r) => <span title={r.spec.description}>{r.name}{r.spec.disabled && <span className="dim"> switched off</span>}{!r.declared && <span className="dim"> built in</span>}</span>, text: (r) => r.name },
  { id: "when", label: "For", width: "minmax(8rem, 1.2fr)", cell: (r) => <span className="dim" title={whenOf(r.spec)}>{whenOf(r.spec)}</span>, text: (r) => whenOf(r.spec) },
  { id: "steps", label: "Does", width: "minmax(8rem, 1.2fr)", cell: (r) => <span title={stepsOf(r.spec)}>{stepsOf(r.spec)}</span>, text: (r) => stepsOf(r.spec) },
  { id: "matched", label: "Records", width: "5rem", align: "right", narrow: true, cell: (r) => figure(r.matched), text: (r) => r.matched },
  { id: "masked", label: "Masked", width: "5rem", align: "right", cell: (r) => figure(r.masked), text: (r) => r.masked },
  { id: "dropped", label: "Dropped", width: "5rem", align: "right", cell: (r) => figure(r.dropped), text: (r) => r.dropped },
  { id: "failed", label: "Failed", width: "minmax(5rem, 1fr)", narrow: true, cell: (r) => <span title={r.fault}>{figure(r.failed)}{r.fault && <span className="dim"> {r.fault}</span>}</span>, text: (r) => r.failed },
];

const tabs = ["try", "datasets", "deletions"];

/** What is done to log records before they are stored, where they are kept, and what was deleted. */
export default function Processing() {
  const [search, setUrl] = useUrl();
  const can = useCan();
  const tab = tabs.includes(search.tab ?? "") ? search.tab! : "rules";
  return (
    <>
      <PageHead title="Log processing" sub="What is done to every log record before it is stored, and where it is kept" />
      <Tabs value={tab} keepMounted={false} onChange={(t) => setUrl({ tab: t === "rules" ? undefined : t ?? undefined })}>
        <Tabs.List aria-label="What is shown">
          <Tabs.Tab value="rules">Rules</Tabs.Tab>
          <Tabs.Tab value="try">Try a rule</Tabs.Tab>
          {can("logs:read") && <Tabs.Tab value="datasets">Datasets</Tabs.Tab>}
          {can("log-deletions:read") && <Tabs.Tab value="deletions">Deletions</Tabs.Tab>}
        </Tabs.List>
      </Tabs>
      {tab === "rules" && <Rules />}
      {tab === "try" && <Try />}
      {tab === "datasets" && <Datasets />}
      {tab === "deletions" && <Deletions />}
    </>
  );
}

function Rules() {
  const can = useCan();
  const [edited, setEdited] = useState<Edited>();
  const narrow = Boolean(useMediaQuery("(max-width: 48rem)", false, { getInitialValueInEffect: false }));
  const query = useQuery(processingQuery);
  const why = can("log-processing:write") ? undefined : "Your role may not change log processing";
  // A rule that is built in is changed by a document that takes its place.
  const edit = (r: ProcessingRule) => setEdited(r.declared ? { kind: "LogProcessing", name: r.name } : { kind: "LogProcessing", draft: yamlOfRule(r) });
  return (
    <>
      <div className="row"><Button disabled={Boolean(why)} title={why} onClick={() => setEdited({ kind: "LogProcessing", draft: template("LogProcessing") })}>Add a rule</Button></div>
      <Show query={query} lines={5}>
        {(d) => <Sheet><DataTable label="Rules of log processing" columns={visible(columns, undefined, narrow)} rows={d.items} rowKey={(r) => r.name} onOpen={edit}
          total={`${plural(d.items.length, "rule")} in their order; ${plural(d.passed, "record")} since the start`} empty={<Empty title="No rules">Records are stored as they come.</Empty>} /></Sheet>}
      </Show>
      <DocumentEditor what={edited} why={why} onClose={() => { setEdited(undefined); void query.refetch(); }} />
    </>
  );
}
