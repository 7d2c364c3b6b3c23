import { Drawer } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { ledgerPath, readLedger, verifyQuery } from "@/api/platform";
import type { LedgerEntry } from "@/api/types";
import { useMe } from "@/app/session";
import { Json } from "@/components/Json";
import { ItemLink } from "@/components/Names";
import { RefLink } from "@/components/RefLink";
import type { Column, Filter } from "@/components/table/column";
import { ListView } from "@/components/table/ListView";
import { levelOfEntry } from "@/components/Timeline";
import { Mark } from "@/ui/Mark";
import { Empty } from "@/ui/Empty";
import { Facts, PageHead } from "@/ui/Panel";
import { At, TimeAgo } from "@/ui/TimeAgo";

const columns: Column<LedgerEntry>[] = [
  { id: "at", label: "When", width: "9.5rem", narrow: true, compact: { width: "3.75rem", cell: (e) => <TimeAgo at={e.at} bare /> }, cell: (e) => <At at={e.at} />, text: (e) => e.at },
  { id: "summary", label: "What", width: "minmax(10rem, 3fr)", narrow: true, cell: (e) => <span className="row"><Mark level={levelOfEntry(e)} /><span className="cut" title={e.summary}>{e.summary || e.type}</span></span>, text: (e) => e.summary },
  { id: "actor", label: "Who", width: "minmax(6rem, 1fr)", cell: (e) => e.actor.name || e.actor.kind, text: (e) => e.actor.name },
  { id: "type", label: "Type", width: "minmax(9rem, 1.3fr)", cell: (e) => <span className="mono dim">{e.type}</span>, text: (e) => e.type },
  { id: "subject", label: "About", width: "7rem", cell: (e) => <RefLink kind={e.subject.kind} id={e.subject.id}>{e.subject.kind}</RefLink>, text: (e) => `${e.subject.kind}/${e.subject.id}` },
  { id: "seq", label: "No.", width: "4.5rem", align: "right", cell: (e) => <span className="dim">{e.seq}</span>, text: (e) => e.seq },
];
const filters: Filter[] = [
  { field: "type", label: "Type", kind: "text" },
  { field: "actor", label: "Who (id)", kind: "text" },
  { field: "subject", label: "About (kind/id)", kind: "text" },
  { field: "item", label: "Item (id)", kind: "text" },
  { field: "at", label: "Time", kind: "time" },
];

/** Everything that was done or seen, in order, and whether the chain of hashes still holds. */
export default function Audit() {
  const [entry, setEntry] = useState<LedgerEntry>();
  return (
    <>
      <PageHead title="Audit" sub={<Verified />} />
      <ListView<LedgerEntry> kind="ledger" path={ledgerPath} read={readLedger} searchable={false} label="Ledger" columns={columns} filters={filters} rowKey={(e) => e.id} onOpen={setEntry} selected={entry?.id}
        empty={<Empty title="The ledger is empty">Everything that changes will be written here.</Empty>} />
      <Drawer opened={Boolean(entry)} onClose={() => setEntry(undefined)} position="right" size="34rem" title="Ledger entry" closeButtonProps={{ "aria-label": "Close" }}>
        {entry && (
          <div className="stack">
            <h2>{entry.summary || entry.type}</h2>
            <Facts wide rows={[
              ["When", <At at={entry.at} />], ["Who", `${entry.actor.name || entry.actor.id} (${entry.actor.kind})`], ["Type", <span className="mono">{entry.type}</span>],
              ["About", <RefLink kind={entry.subject.kind} id={entry.subject.id} />], ["Item", <ItemLink id={entry.item} />],
              ["Number", entry.seq], ["Caused by", entry.cause && <span className="mono">{entry.cause}</span>],
            ]} />
            {entry.data !== undefined && <Json value={entry.data} />}
          </div>
        )}
      </Drawer>
    </>
  );
}

function Verified() {
  const me = useMe();
  const query = useQuery({ ...verifyQuery, enabled: Boolean(me) });
  if (query.isPending || query.error) return <>Who did what, when, and what it was about</>;
  const { entries, broken, problem } = query.data;
  return <span className="row"><Mark level={problem ? "critical" : "clear"} />{problem ? `The chain is broken at entry ${broken}: ${problem}` : `The chain of ${entries.toLocaleString("en")} entries is whole`}</span>;
}
