import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { generatedQuery } from "@/api/dashboards";
import { Show } from "@/components/Query";
import { Empty } from "@/ui/Empty";
import { Board } from "./Board";

/** The dashboard that is made of what is measured of an item. */
export function ItemDashboard({ id, cls }: { id: string; cls: string }) {
  const query = useQuery(generatedQuery(cls, id));
  return (
    <Show query={query} lines={6}>
      {(g) => (
        <div className="stack">
          <Board key={id} spec={g.spec} without="item" empty={<Empty title="Nothing is measured of it">Series with the label <code>item</code> of this item appear here: from agents, checks, OTLP or remote write.</Empty>} />
          {Boolean(g.spec.panels?.length) && <div><Button component={Link} to="/dashboards/class/$class" params={{ class: cls } as never} search={((s: { from?: string; to?: string }) => ({ from: s.from, to: s.to, item: id })) as never} variant="default">On its own page</Button></div>}
        </div>
      )}
    </Show>
  );
}
