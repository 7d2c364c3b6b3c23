import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { ledgerAbout } from "@/api/platform";
import { Show } from "@/components/Query";
import { Timeline } from "@/components/Timeline";
import { Empty } from "@/ui/Empty";
import { Panel } from "@/ui/Panel";

// What is merely found (a discovery of hundreds of items) stays in the audit.
const worthKnowing = ["events.", "desk.", "jobs.run.started", "jobs.run.finished", "jobs.remediation.", "monitor.", "agents.", "graph.item.changed", "graph.item.deleted", "graph.item.merged"];

/** The newest entries of the ledger. */
export function Changes() {
  const query = useQuery(ledgerAbout({ limit: 12, type: worthKnowing }));
  return (
    <Panel title="What happened" flush actions={<Link to="/audit" className="link">All</Link>}>
      <Show query={query} height={160}>{(p) => p.items.length ? <Timeline entries={p.items} /> : <Empty title="Nothing yet">Every change, alert and run will be written here.</Empty>}</Show>
    </Panel>
  );
}
