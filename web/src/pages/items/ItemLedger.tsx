import { useQuery } from "@tanstack/react-query";
import { ledgerAbout } from "@/api/platform";
import { Show } from "@/components/Query";
import { Timeline } from "@/components/Timeline";
import { Empty } from "@/ui/Empty";
import { Panel } from "@/ui/Panel";

export function ItemLedger({ id }: { id: string }) {
  const query = useQuery(ledgerAbout({ item: id, limit: 200 }));
  return <Panel title="What happened to it" flush><Show query={query}>{(p) => p.items.length ? <Timeline entries={p.items} own={id} /> : <Empty title="Nothing is recorded yet" />}</Show></Panel>;
}
