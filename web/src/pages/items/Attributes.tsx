import { ActionIcon, Button } from "@mantine/core";
import { Fragment, useState } from "react";
import { useQuery } from "@tanstack/react-query";
import { classesQuery } from "@/api/graph";
import type { ItemDetails, Word } from "@/api/items";
import { useActions } from "@/app/actions";
import { useCan } from "@/app/session";
import { brief } from "@/components/brief";
import { Value } from "@/components/Json";
import { bytes } from "@/format/number";
import { Tag } from "@/ui/Badges";
import { IconEdit } from "@/ui/icons";
import { Panel } from "@/ui/Panel";
import { TimeAgo } from "@/ui/TimeAgo";
import { EditAttribute } from "./EditAttribute";
import classes from "./Item.module.css";
import { schemaOf, sourceWord, spaced } from "./schema";

/** What is known of an item. Each value names who said it, and on demand why it won. */
export function Attributes({ item, past }: { item: ItemDetails; past?: boolean }) {
  const [open, setOpen] = useState<string>();
  const can = useCan();
  const [editing, setEditing] = useState<{ name?: string }>();
  const info = useQuery(classesQuery).data?.items.find((c) => c.name === item.class);
  const label = (key: string) => schemaOf(info, key).title ?? spaced(key);
  const may = !past && can("items:write");
  useActions(may ? [{ id: "attribute-add", label: "Add an attribute", group: "Actions", run: () => setEditing({}) }] : []);
  const rows = Object.entries(item.attributes ?? {}).filter(([, v]) => v !== null && v !== "").sort(([a], [b]) => a.localeCompare(b));
  return (
    <Panel title="Attributes" count={rows.length} flush actions={may && <Button size="compact-sm" variant="default" onClick={() => setEditing({})}>Add</Button>}>
      <table className={classes.table}>
        <tbody>
          {rows.map(([key, value]) => {
            const words = item.explanations?.[key];
            const source = item.sources?.[key];
            return (
              <Fragment key={key}>
                <tr>
                  <td className={classes.key}>{label(key)}</td>
                  <td>{typeof value === "number" && /bytes$/i.test(key) ? <span title={String(value)}>{bytes(value)}</span> : <Value value={value} />}</td>
                  <td className={`num ${classes.by}`}>
                    {source && <button type="button" className={classes.source} aria-expanded={open === key} onClick={() => setOpen(open === key ? undefined : key)}>{sourceWord(source)}</button>}
                    {may && <ActionIcon size={24} className={classes.edit} aria-label={`Set ${label(key)} by hand`} title="Set by hand" onClick={() => setEditing({ name: key })}><IconEdit size={14} stroke={1.6} /></ActionIcon>}
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
          {item.reporters?.length ? <tr><td className={classes.key}>reported by</td><td colSpan={2}>{item.reporters.map((r) => <div key={r.source + r.scope}>{sourceWord(r.source)} <span className="dim">{r.scope} seen <TimeAgo at={r.seenAt} />{r.stale ? ", stale" : ""}</span></div>)}</td></tr> : null}
          <tr><td className={classes.key}>id</td><td colSpan={2} className="mono">{item.id}</td></tr>
        </tbody>
      </table>
      {editing && <EditAttribute key={editing.name} item={item} name={editing.name} onClose={() => setEditing(undefined)} />}
    </Panel>
  );
}

function Why({ words }: { words: Word[] }) {
  return (
    <ul>
      {words.map((w) => (
        <li key={w.source + w.scope}><strong>{sourceWord(w.source)}</strong>: {brief(w.value)} <span className="dim"><TimeAgo at={w.observedAt} />{w.stale ? ", stale" : ""}. {w.shown ? "Shown" : "Not shown"}: {w.reason}</span></li>
      ))}
    </ul>
  );
}
