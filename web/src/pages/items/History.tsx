import { useQuery } from "@tanstack/react-query";
import type { Moment } from "@/api/items";
import { historyQuery } from "@/api/graph";
import { useUrl } from "@/app/url";
import { brief } from "@/components/brief";
import { Show } from "@/components/Query";
import { RefLink } from "@/components/RefLink";
import { Empty } from "@/ui/Empty";
import { Panel } from "@/ui/Panel";
import { wording } from "@/ui/severity";
import { At } from "@/ui/TimeAgo";
import classes from "./Item.module.css";
import { sourceWord } from "./schema";

/** Every change of a value or relation. Pressing a time shows the item as it was then. */
export function History({ id }: { id: string }) {
  const [, setUrl] = useUrl();
  const query = useQuery(historyQuery(id));
  return (
    <Panel title="What changed" hint="Press a time to see the item as it was" flush>
      <Show query={query}>
        {(p) => p.items.length === 0 ? <Empty title="Nothing has changed since it was found" /> : (
          <div className={classes.scroll} tabIndex={0} role="region" aria-label="Changes">
            <table className={classes.table}>
              <thead><tr><th>When</th><th>What</th><th>From</th><th>To</th><th>Source</th></tr></thead>
              <tbody>{p.items.map((m, k) => <Rows key={k} moment={m} onTime={() => setUrl({ at: m.at, tab: undefined }, { push: true })} />)}</tbody>
            </table>
          </div>
        )}
      </Show>
    </Panel>
  );
}

function Rows({ moment: m, onTime }: { moment: Moment; onTime: () => void }) {
  const when = <button type="button" className={classes.source} onClick={onTime}><At at={m.at} /></button>;
  if (m.relation) {
    const said = `${m.relation.type.replaceAll("_", " ")}${m.relation.direction === "in" ? " (from)" : ""}`;
    const other = <RefLink kind="item" id={m.relation.item.id}>{m.relation.item.name}</RefLink>;
    return <tr><td>{when}</td><td>{said}</td><td>{m.kind === "unrelated" && other}</td><td>{m.kind === "related" && other}</td><td className="dim">{sourceWord(m.by ?? "")}</td></tr>;
  }
  const changes = (m.changes ?? []).slice(0, 40);
  if (m.kind === "created" || !changes.length) return <tr><td>{when}</td><td>{wording(m.kind)}</td><td /><td className="dim">{changes.length ? `with ${changes.length} values` : ""}</td><td className="dim">{sourceWord(m.by ?? "")}</td></tr>;
  return changes.map((c, i) => (
    <tr key={c.field}><td>{i === 0 && when}</td><td>{c.field.replace(/^attributes\./, "").replaceAll("_", " ")}</td><td className="dim">{brief(c.before)}</td><td>{brief(c.after)}</td><td className="dim">{i === 0 && sourceWord(m.by ?? "")}</td></tr>
  ));
}
