import { Fragment, useState } from "react";
import type { ItemDetails, Word } from "@/api/items";
import { brief, Value } from "@/components/Json";
import { bytes } from "@/format/number";
import { Tag } from "@/ui/Badges";
import { Panel } from "@/ui/Panel";
import { TimeAgo } from "@/ui/TimeAgo";
import classes from "./Item.module.css";

/** "memoryBytes" as words. */
export const spaced = (key: string) => key.replaceAll("_", " ").replace(/([a-z])([A-Z])/g, (_m, a: string, b: string) => `${a} ${b.toLowerCase()}`);

/** What is known of an item. Each value names who said it, and on demand why it won. */
export function Attributes({ item }: { item: ItemDetails }) {
  const [open, setOpen] = useState<string>();
  const rows = Object.entries(item.attributes ?? {}).filter(([, v]) => v !== null && v !== "").sort(([a], [b]) => a.localeCompare(b));
  return (
    <Panel title="Attributes" count={rows.length} flush>
      <table className={classes.table}>
        <tbody>
          {rows.map(([key, value]) => {
            const words = item.explanations?.[key];
            const source = item.sources?.[key];
            return (
              <Fragment key={key}>
                <tr>
                  <td className={classes.key}>{spaced(key)}</td>
                  <td>{typeof value === "number" && /bytes$/i.test(key) ? <span title={String(value)}>{bytes(value)}</span> : <Value value={value} />}</td>
                  <td className="num">
                    {source && <button type="button" className={classes.source} aria-expanded={open === key} onClick={() => setOpen(open === key ? undefined : key)}>{source}</button>}
                  </td>
                </tr>
                {words && open === key && <tr className={classes.why}><td colSpan={3}><Why words={words} /></td></tr>}
              </Fragment>
            );
          })}
          {item.identities?.length ? (
            <tr>
              <td className={classes.key}>known as</td>
              <td colSpan={2}><span className="row wrap">{item.identities.map((x) => <span key={x.kind + x.value}><Tag>{x.kind}</Tag> {x.value}</span>)}</span></td>
            </tr>
          ) : null}
          {item.reporters?.length ? <tr><td className={classes.key}>reported by</td><td colSpan={2}>{item.reporters.map((r) => <div key={r.source + r.scope}>{r.source} <span className="dim">{r.scope} seen <TimeAgo at={r.seenAt} />{r.stale ? ", stale" : ""}</span></div>)}</td></tr> : null}
          <tr><td className={classes.key}>id</td><td colSpan={2} className="mono">{item.id}</td></tr>
        </tbody>
      </table>
    </Panel>
  );
}

function Why({ words }: { words: Word[] }) {
  return (
    <ul>
      {words.map((w) => (
        <li key={w.source + w.scope}><strong>{w.source}</strong>: {brief(w.value)} <span className="dim"><TimeAgo at={w.observedAt} />{w.stale ? ", stale" : ""}. {w.shown ? "Shown" : "Not shown"}: {w.reason}</span></li>
      ))}
    </ul>
  );
}
