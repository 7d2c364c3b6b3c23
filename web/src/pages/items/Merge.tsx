import { Button, Modal } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { itemQuery, mergeItems, mergePreview, splitItem } from "@/api/graph";
import type { ItemDetails } from "@/api/items";
import { ItemPicker } from "@/components/ItemPicker";
import { ProblemView } from "@/components/ProblemView";
import { useDo } from "@/components/toast";
import { plural } from "@/format/number";
import { Loading } from "@/ui/Empty";
import { Segments } from "@/ui/Segments";
import classes from "./Item.module.css";
import { shortly, sourceWord, spaced } from "./schema";

export interface Row {
  field: string;
  stays: string;
  goes: string;
  after: string;
  source?: string;
}

/** What differs between two items, and which value each attribute would have; what both say alike is only counted. */
export function compared(stays: ItemDetails, goes: ItemDetails, after: ItemDetails | undefined): { rows: Row[]; same: number } {
  const rows: Row[] = [];
  let same = 0;
  const text = (field: string, v: unknown) => (v === undefined || v === null || v === "" ? "" : shortly(field.replaceAll(" ", ""), v));
  const add = (field: string, a: unknown, b: unknown, c: unknown, source?: string) => {
    const row = { field, stays: text(field, a), goes: text(field, b), after: text(field, c), source };
    if (row.stays === row.goes) same++;
    else rows.push(row);
  };
  add("name", stays.name, goes.name, after?.name);
  if (stays.class !== goes.class) add("class", stays.class, goes.class, after?.class);
  const keys = [...new Set([...Object.keys(stays.attributes ?? {}), ...Object.keys(goes.attributes ?? {})])].sort();
  for (const k of keys) add(spaced(k), stays.attributes?.[k], goes.attributes?.[k], after?.attributes?.[k], after?.sources?.[k]);
  return { rows, same };
}

/** Both items side by side, and what the one that stays would show. */
export function MergePreview({ stays, goes }: { stays: string; goes: string }) {
  const a = useQuery(itemQuery(stays)), b = useQuery(itemQuery(goes)), after = useQuery(mergePreview(stays, [goes]));
  if (after.error) return <ProblemView error={after.error} title="These two cannot be merged" />;
  if (!a.data || !b.data || !after.data) return <Loading lines={3} />;
  const { rows, same } = compared(a.data, b.data, after.data);
  return (
    <div className={classes.scroll} tabIndex={0} role="region" aria-label="What survives">
      <table className={classes.table}>
        <thead><tr><th>What</th><th>{a.data.name} <span className="dim">stays</span></th><th>{b.data.name}</th><th>After the merge</th></tr></thead>
        <tbody>
          {rows.map((r) => <tr key={r.field}><td className="dim">{r.field}</td><td>{r.stays || <span className="dim">–</span>}</td><td>{r.goes || <span className="dim">–</span>}</td><td><strong>{r.after || "–"}</strong>{r.source && <span className="dim"> {sourceWord(r.source)}</span>}</td></tr>)}
          <tr><td colSpan={4} className="dim">{same > 0 && `${plural(same, "value is", "values are")} the same in both. `}Relations, alerts and history of both are kept, and {(after.data.identities ?? []).length} identifiers lead to it.</td></tr>
        </tbody>
      </table>
    </div>
  );
}

/** Two records of one thing become one, after a look at what it would be. */
export function MergeItem({ item: i, onClose }: { item: ItemDetails; onClose: () => void }) {
  const navigate = useNavigate();
  const [other, setOther] = useState("");
  const [keep, setKeep] = useState<"this" | "other">("this");
  const [stays, goes] = keep === "this" ? [i.id, other] : [other, i.id];
  const undo = useDo({ run: (m: string) => splitItem(stays, m), done: "They are two again", touches: ["item", "map"] });
  const go = useDo({
    run: () => mergeItems(stays, [goes]), done: "They are one item now", touches: ["item", "map", "ledger"],
    then: () => { onClose(); if (stays !== i.id) void navigate({ to: "/items/$id", params: { id: stays } }); },
    undo: (p) => { const m = p.items.find((x) => x.merged === goes && !x.undone); return m && (() => undo.mutate(m.id)); },
  });
  return (
    <Modal opened onClose={onClose} size="xl" title={`Merge ${i.name} with another item`} closeButtonProps={{ "aria-label": "Close" }}>
      <form className="stack" onSubmit={(e) => { e.preventDefault(); if (other) go.mutate(undefined); }}>
        <ItemPicker label="The same thing as" value={other} onChange={setOther} autoFocus />
        {other && other !== i.id && <>
          <Segments aria-label="Which one stays" value={keep} onChange={setKeep} data={[{ value: "this", label: `${i.name} stays` }, { value: "other", label: "The other stays" }]} />
          <MergePreview key={stays} stays={stays} goes={goes} />
        </>}
        <div className="row" style={{ justifyContent: "end" }}><span className="dim">A merge can be split again.</span><Button type="submit" disabled={!other || other === i.id} loading={go.isPending}>Merge</Button></div>
      </form>
    </Modal>
  );
}
