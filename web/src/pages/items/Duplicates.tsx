import { Button, Drawer } from "@mantine/core";
import { useState } from "react";
import { dismissDuplicate, duplicatesPath, mergeDuplicate } from "@/api/graph";
import type { Duplicate } from "@/api/items";
import { useActions } from "@/app/actions";
import { useCan } from "@/app/session";
import { useUrl } from "@/app/url";
import { Person } from "@/components/Names";
import { Quick } from "@/components/Quick";
import { RefLink } from "@/components/RefLink";
import type { Column, Filter } from "@/components/table/column";
import { ListView } from "@/components/table/ListView";
import { useDo } from "@/components/toast";
import { StateBadge, Tag } from "@/ui/Badges";
import { Empty } from "@/ui/Empty";
import { PageHead } from "@/ui/Panel";
import { Segments } from "@/ui/Segments";
import { TimeAgo } from "@/ui/TimeAgo";
import { MergePreview } from "./Merge";

const names = (d: Duplicate) => (d.items ?? []).map((i) => i.name).join(" = ");
/** "both have the same system_uuid" as a sentence. */
const said = (reason: string) => (reason.charAt(0).toUpperCase() + reason.slice(1)).replaceAll("_", " ");
const columns: Column<Duplicate>[] = [
  { id: "items", label: "May be one", width: "minmax(10rem, 2fr)", narrow: true, cell: (d) => (d.items ?? []).map((i, k) => <span key={i.id}>{k > 0 && <span className="dim"> and </span>}<RefLink kind="item" id={i.id}>{i.name}</RefLink></span>), text: names },
  { id: "class", label: "Class", width: "7rem", cell: (d) => <Tag>{(d.items?.[0]?.class ?? "").replaceAll("_", " ")}</Tag>, text: (d) => d.items?.[0]?.class },
  { id: "reason", label: "Why", width: "minmax(10rem, 3fr)", cell: (d) => <span title={said(d.reason)}>{said(d.reason)}</span>, text: (d) => d.reason },
  { id: "state", label: "Decided", width: "9rem", cell: (d) => (d.state === "open" ? <span className="dim">not yet</span> : <>{d.state === "merged" ? "same" : "different"}{d.resolvedBy && <span className="dim"> by <Person id={d.resolvedBy} /></span>}</>), text: (d) => d.state },
  { id: "opened", label: "Found", width: "6rem", align: "right", sort: "openedAt", narrow: true, cell: (d) => <TimeAgo at={d.openedAt} />, text: (d) => d.openedAt },
];
const filters: Filter[] = [{ field: "reason", label: "Why", kind: "text" }, { field: "openedAt", label: "Found", kind: "time" }];

/** Items that may be one thing: what no source can tell, a person decides. */
export default function Duplicates() {
  const [search, setUrl] = useUrl();
  const [open, setOpen] = useState<Duplicate>();
  return (
    <>
      <PageHead title="Duplicates" sub="Items that may be one: nothing is merged on weak evidence" />
      <ListView<Duplicate> kind="duplicate" path={duplicatesPath} label="Duplicates" columns={columns} filters={filters} rowKey={(d) => d.id} defaultSort="-openedAt" selected={search.show}
        onOpen={(d) => { setOpen(d); setUrl({ show: d.id }); }}
        quick={<Quick field="state" label="Which duplicates" options={[{ label: "To decide", values: [] }, { label: "Same", values: ["merged"] }, { label: "Different", values: ["dismissed"] }]} />}
        empty={<Empty good title="Nothing to decide">When two records share an identifier but differ in a stronger one, they are put to you here.</Empty>} />
      <Drawer opened={Boolean(open)} onClose={() => { setOpen(undefined); setUrl({ show: undefined }); }} position="right" size="44rem" title="One thing or two?" closeButtonProps={{ "aria-label": "Close" }}>
        {open && <Decision key={open.id} duplicate={open} onClose={() => { setOpen(undefined); setUrl({ show: undefined }); }} />}
      </Drawer>
    </>
  );
}

function Decision({ duplicate: d, onClose }: { duplicate: Duplicate; onClose: () => void }) {
  const can = useCan();
  const list = d.items ?? [];
  const [keep, setKeep] = useState(list[0]?.id ?? "");
  const goes = list.find((i) => i.id !== keep)?.id;
  const why = can("items:write") ? undefined : "Your role may not change items";
  const touches = ["duplicate", "item", "map", "ledger"];
  const same = useDo({ run: () => mergeDuplicate(d.id, keep), done: "They are one item now; its page can split them again", touches, then: onClose });
  const different = useDo({ run: () => dismissDuplicate(d.id), done: "They stay two, and this is not asked again", touches, then: onClose });
  useActions(d.state === "open" ? [
    { id: "dup-same", label: "The same: merge them", group: "Actions", disabled: why, run: () => same.mutate(undefined) },
    { id: "dup-different", label: "Different: keep both", group: "Actions", disabled: why, run: () => different.mutate(undefined) },
  ] : []);
  return (
    <div className="stack">
      <p>{said(d.reason)}.</p>
      {d.state !== "open" || !goes ? <StateBadge state={d.state} /> : (
        <>
          <Segments aria-label="Which one stays" value={keep} onChange={setKeep} data={list.map((i) => ({ value: i.id, label: `${i.name} stays` }))} />
          {!why && <MergePreview key={keep} stays={keep} goes={goes} />}
          <div className="row wrap" style={{ justifyContent: "end" }}>
            <Button variant="default" disabled={Boolean(why)} title={why} loading={different.isPending} onClick={() => different.mutate(undefined)}>Different: keep both</Button>
            <Button disabled={Boolean(why)} title={why} loading={same.isPending} onClick={() => same.mutate(undefined)}>The same: merge</Button>
          </div>
        </>
      )}
    </div>
  );
}
