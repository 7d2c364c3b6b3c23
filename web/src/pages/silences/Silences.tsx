import { Button } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { expireSilence, silencesPath } from "@/api/events";
import type { Matcher, Silence } from "@/api/types";
import { useActions } from "@/app/actions";
import { useCan } from "@/app/session";
import { ItemLink } from "@/components/Names";
import { Quick } from "@/components/Quick";
import type { Column, Filter } from "@/components/table/column";
import { ListView } from "@/components/table/ListView";
import { useDo } from "@/components/toast";
import { plural } from "@/format/number";
import { StateBadge, StateMark, Tag } from "@/ui/Badges";
import { Empty } from "@/ui/Empty";
import { PageHead } from "@/ui/Panel";
import { At, TimeAgo } from "@/ui/TimeAgo";
import { textOf } from "./matchers";
import { SilenceForm } from "./SilenceForm";

const Matchers = ({ list }: { list: Matcher[] }) => (
  <span title={list.map(textOf).join(" ")}>{list.map((m, i) => (m.name === "item" && m.isEqual && !m.isRegex
    ? <span key={i}><Tag>item=<ItemLink id={m.value} className="" /></Tag> </span> : <span key={i}><Tag>{textOf(m)}</Tag> </span>))}</span>
);

// "Expired" is bad of a certificate, and just the end of a silence.
const stateWord = (state: string) => ({ active: "active", pending: "begins later" })[state] ?? "over";

const columns: Column<Silence>[] = [
  { id: "state", label: "State", width: "7rem", narrow: true, compact: { width: "1.125rem", cell: (s) => <StateMark state={stateWord(s.state)} /> }, cell: (s) => <StateBadge state={stateWord(s.state)} />, text: (s) => s.state },
  { id: "matchers", label: "Holds back what fits", width: "minmax(10rem, 3fr)", narrow: true, cell: (s) => <Matchers list={s.matchers} />, text: (s) => s.matchers.map(textOf).join(" ") },
  { id: "held", label: "Alerts", width: "4rem", align: "right", cell: (s) => s.heldBack || <span className="dim">0</span>, text: (s) => s.heldBack },
  { id: "comment", label: "Why", width: "minmax(8rem, 2fr)", cell: (s) => <span title={s.comment}>{s.comment || <span className="dim">–</span>}</span>, text: (s) => s.comment },
  { id: "by", label: "By", width: "minmax(5rem, 0.8fr)", sort: "createdBy", cell: (s) => s.createdBy, text: (s) => s.createdBy },
  { id: "starts", label: "From", width: "8.5rem", hidden: true, sort: "startsAt", cell: (s) => <At at={s.startsAt} />, text: (s) => s.startsAt },
  { id: "ends", label: "Ends", width: "6.5rem", sort: "endsAt", align: "right", narrow: true, cell: (s) => <TimeAgo at={s.endsAt} />, text: (s) => s.endsAt },
];
const filters: Filter[] = [
  { field: "state", label: "State", kind: "choice", choices: ["active", "pending", "expired"] }, { field: "createdBy", label: "By", kind: "text" },
  { field: "comment", label: "Why", kind: "text" }, { field: "endsAt", label: "Ends", kind: "time" },
];

/** What is held back on purpose, by whom, why, and until when. */
const rowKey = (r: Silence) => r.id;

export default function Silences() {
  const can = useCan();
  const [form, setForm] = useState<{ matchers: Matcher[]; silence?: Silence }>();
  const why = can("alerts:act") ? undefined : "Your role may not silence alerts";
  const create = () => setForm({ matchers: [] });
  useActions([{ id: "silence-new", label: "New silence", group: "Actions", keys: "c", disabled: why, run: create }]);
  const button = <Button disabled={Boolean(why)} title={why} onClick={create}>New silence</Button>;
  return (
    <>
      <PageHead title="Silences" sub="Alerts that are held back for a time" actions={<><Link to="/alerts" className="link">Alerts</Link>{button}</>} />
      <ListView<Silence> kind="silence" path={silencesPath} label="Silences" columns={columns} filters={filters} rowKey={rowKey} defaultSort="-endsAt"
        onOpen={why ? undefined : (s) => setForm({ matchers: s.matchers, silence: s })} selected={form?.silence?.id}
        quick={<Quick field="state" label="Which silences" options={[{ label: "All", values: [] }, { label: "In force", values: ["active", "pending"] }, { label: "Over", values: ["expired"] }]} />}
        bulk={why ? undefined : (list, done) => <Expire silences={list} done={done} />}
        empty={<Empty title="Nothing is held back">A silence keeps known trouble quiet: nobody is told, no situation opens. Planned work on items is better a maintenance window.</Empty>} />
      {form && <SilenceForm key={form.silence?.id} matchers={form.matchers} silence={form.silence} onClose={() => setForm(undefined)} />}
    </>
  );
}

function Expire({ silences, done }: { silences: Silence[]; done: () => void }) {
  const live = silences.filter((s) => s.state !== "expired");
  const end = useDo({ run: async () => { for (const s of live) await expireSilence(s.id); }, done: `${plural(live.length, "silence is", "silences are")} over`, touches: ["silence", "alert", "situation"], then: done });
  useActions([{ id: "silence-expire", label: `Expire ${plural(live.length, "selected silence")}`, group: "Actions", keys: "e", disabled: live.length ? undefined : "They are over already", run: () => end.mutate(undefined) }]);
  return <Button size="compact-sm" disabled={!live.length} title={live.length ? undefined : "They are over already"} loading={end.isPending} onClick={() => end.mutate(undefined)}>Expire now</Button>;
}
