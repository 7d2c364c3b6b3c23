import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { decideLearned, learnedQuery, type LearnedAction } from "@/api/correlation";
import type { LearnedPair } from "@/api/types";
import { useCan } from "@/app/session";
import { ConfirmButton } from "@/components/ConfirmButton";
import { DocumentEditor, type Edited } from "@/components/DocumentEditor";
import { ItemLink } from "@/components/Names";
import { Show } from "@/components/Query";
import { useDo } from "@/components/toast";
import { Tag } from "@/ui/Badges";
import { Empty } from "@/ui/Empty";
import { PageHead, Panel } from "@/ui/Panel";
import { Segments } from "@/ui/Segments";
import { TimeAgo } from "@/ui/TimeAgo";
import classes from "./Learned.module.css";

const draft = (what: "together" | "never", a = "web.*", b = "db.*") => `kind: CorrelationRule
name: ${what === "never" ? "apart" : "web-needs-db"}
spec:
  what: ${what}
  first: ['itemName=~${JSON.stringify(a)}']
  second: ['itemName=~${JSON.stringify(b)}']${what === "together" ? "\n  cause: second" : ""}
  comment: why this is so
`;

/** What comes together, how sure that is, and what people decide about it. */
export default function Learned() {
  const can = useCan();
  const query = useQuery(learnedQuery);
  const [book, setBook] = useState<"things" | "kinds">("things");
  const [editing, setEditing] = useState<Edited>();
  const why = can("situations:act") ? undefined : "Your role may not decide about situations";
  const whyRule = can("alerts:write") ? undefined : "Your role may not write rules";
  return (
    <div className="stack">
      <PageHead title="What was learned" sub="What comes together more often than by chance, and so is a reason to put alerts into one situation"
        actions={<><Link to="/situations" className="link">Situations</Link><Button disabled={Boolean(whyRule)} title={whyRule} onClick={() => setEditing({ kind: "CorrelationRule", draft: draft("together") })}>New rule</Button></>} />
      <Show query={query} lines={8}>{(l) => {
        const list = l.items.filter((p) => p.book === book);
        return (
          <>
            <div className="row wrap">
              <Segments aria-label="What is compared" value={book} onChange={setBook} data={[{ value: "things", label: "Items" }, { value: "kinds", label: "Sorts of alerts" }]} />
              <span className="dim">{l.things.toLocaleString("en")} items and alerts, {l.kinds.toLocaleString("en")} sorts and {l.pairs.toLocaleString("en")} pairs are counted; those that say something are shown</span>
            </div>
            <Panel title={book === "things" ? "Items that fail together" : "Sorts of alerts that are in one situation"} count={list.length} flush>
              {list.length === 0 ? <Empty title="Nothing yet">Two things have to begin within minutes of each other in at least three cases, and seldom one without the other.</Empty> : <Pairs list={list} why={why} onRule={whyRule ? undefined : (p) => setEditing({ kind: "CorrelationRule", draft: draft("never", escape(p.nameA), escape(p.nameB)) })} />}
            </Panel>
          </>
        );
      }}</Show>
      <DocumentEditor what={editing} why={whyRule} onClose={() => setEditing(undefined)} />
    </div>
  );
}

const escape = (name: string) => name.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
const share = (v: number) => `${(v * 100).toFixed(v < 0.1 ? 1 : 0)} %`;

function Pairs({ list, why, onRule }: { list: LearnedPair[]; why?: string; onRule?: (p: LearnedPair) => void }) {
  const act = useDo({ run: ({ action, p }: { action: LearnedAction; p: LearnedPair }) => decideLearned(action, p), done: (_r, { action }) => ({ forget: "Forgotten", ignore: "Never a reason again", restore: "It counts again" })[action], touches: ["learned"] });
  return (
    <div className={classes.scroll} tabIndex={0}><table className={classes.table}>
      <thead><tr><th>Together</th><th data-n title="Cases that both had, of those of the rarer one">Cases</th><th data-n title="With 97.5 % certainty the share is at least this">At least</th><th data-n title="What chance alone would bring">Chance</th><th>Says</th><th data-n>Last</th><th><span className="unseen">Decide</span></th></tr></thead>
      <tbody>{list.map((p) => (
        <tr key={`${p.book} ${p.a} ${p.b}`} data-off={p.strength === "ignored" || undefined}>
          <td><Name item={p.itemA} name={p.nameA} /> <span className="dim">and</span> <Name item={p.itemB} name={p.nameB} /></td>
          <td data-n>{Math.round(p.together)} of {Math.round(Math.max(p.cases, p.together))}{p.apart > 0 && <span className="dim" title="People took them apart"> −{Math.round(p.apart)}</span>}</td>
          <td data-n>{share(p.atLeast)}</td>
          <td data-n>{share(p.chance)}</td>
          <td><Tag>{p.strength}</Tag>{p.by && <span className="dim"> by {p.by}</span>}</td>
          <td data-n>{p.last > "0002" ? <TimeAgo at={p.last} bare /> : "–"}</td>
          <td><div className="row">
            {p.strength === "ignored"
              ? <Button size="compact-xs" variant="default" disabled={Boolean(why)} title={why} onClick={() => act.mutate({ action: "restore", p })}>Count again</Button>
              : <ConfirmButton size="compact-xs" why={why} question="That they come together is never a reason again. Topology and rules still are." yes="Never for that" onYes={() => act.mutate({ action: "ignore", p })}>Ignore</ConfirmButton>}
            <ConfirmButton size="compact-xs" why={why} question="The cases counted so far are dropped, and counting begins anew." yes="Forget" onYes={() => act.mutate({ action: "forget", p })}>Forget</ConfirmButton>
            {onRule && p.book === "things" && <Button size="compact-xs" variant="default" onClick={() => onRule(p)}>Never together…</Button>}
          </div></td>
        </tr>
      ))}</tbody>
    </table></div>
  );
}

const Name = ({ item, name }: { item?: string; name: string }) => (item ? <ItemLink id={item} name={name} className="" /> : <span>{name}</span>);
