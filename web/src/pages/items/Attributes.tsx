import { Fragment, useState } from "react";
import type { Explained, Item } from "@/api/types";
import { brief, Value } from "@/components/Json";
import { Tag } from "@/ui/Badges";
import { Panel } from "@/ui/Panel";
import { TimeAgo } from "@/ui/TimeAgo";
import classes from "./Item.module.css";

/** What is known of an item. Each value names who said it, and on demand why it won. */
export function Attributes({ item }: { item: Item }) {
  const [open, setOpen] = useState<string>();
  const rows = Object.entries(item.attributes).filter(([, v]) => v !== null && v !== "").sort(([a], [b]) => a.localeCompare(b));
  return (
    <Panel title="Attributes" count={rows.length} flush>
      <table className={classes.table}>
        <tbody>
          {rows.map(([key, value]) => {
            const why = item.explained?.[key];
            return (
              <Fragment key={key}>
                <tr>
                  <td className={classes.key}>{key.replaceAll("_", " ")}</td>
                  <td><Value value={value} /></td>
                  <td className="num">
                    {why && <button type="button" className={classes.source} aria-expanded={open === key} onClick={() => setOpen(open === key ? undefined : key)}>{why.source}</button>}
                  </td>
                </tr>
                {why && open === key && <tr className={classes.why}><td colSpan={3}><Why why={why} /></td></tr>}
              </Fragment>
            );
          })}
          {item.identities?.length ? (
            <tr>
              <td className={classes.key}>known as</td>
              <td colSpan={2}><span className="row wrap">{item.identities.map((x) => <span key={x.kind + x.value}><Tag>{x.kind}</Tag> {x.value}</span>)}</span></td>
            </tr>
          ) : null}
          <tr><td className={classes.key}>id</td><td colSpan={2} className="mono">{item.id}</td></tr>
        </tbody>
      </table>
    </Panel>
  );
}

function Why({ why }: { why: Explained }) {
  return (
    <>
      <div>{why.reason}</div>
      <ul>
        {why.values.map((v) => (
          <li key={v.source}><strong>{v.source}</strong>: {brief(v.value)} <span className="dim"><TimeAgo at={v.at} />{v.stale ? ", stale" : ""}</span></li>
        ))}
      </ul>
    </>
  );
}
