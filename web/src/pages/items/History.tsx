import { useQuery } from "@tanstack/react-query";
import { historyQuery } from "@/api/graph";
import { useUrl } from "@/app/url";
import { brief } from "@/components/Json";
import { Show } from "@/components/Query";
import { Empty } from "@/ui/Empty";
import { Panel } from "@/ui/Panel";
import { At } from "@/ui/TimeAgo";
import classes from "./Item.module.css";

/** Every change of a value. Pressing a time shows the item as it was then. */
export function History({ id }: { id: string }) {
  const [, setUrl] = useUrl();
  const query = useQuery(historyQuery(id));
  return (
    <Panel title="Changes of values" hint="Press a time to see the item as it was" flush>
      <Show query={query}>
        {(p) => p.items.length === 0 ? <Empty title="Nothing has changed since it was found" /> : (
          <div className={classes.scroll}>
            <table className={classes.table}>
              <thead><tr><th>When</th><th>Attribute</th><th>From</th><th>To</th><th>Source</th></tr></thead>
              <tbody>
                {p.items.map((h, k) => (
                  <tr key={k}>
                    <td><button type="button" className={classes.source} onClick={() => setUrl({ at: h.at, tab: undefined }, { push: true })}><At at={h.at} /></button></td>
                    <td>{h.attribute.replaceAll("_", " ")}</td>
                    <td className="dim">{brief(h.from)}</td>
                    <td>{brief(h.to)}</td>
                    <td className="dim">{h.source || h.actor}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        )}
      </Show>
    </Panel>
  );
}
