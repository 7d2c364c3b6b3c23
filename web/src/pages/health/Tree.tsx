import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { serviceTreeQuery } from "@/api/health";
import type { ServiceBranch, ServiceLeaf } from "@/api/types";
import { RefLink } from "@/components/RefLink";
import { Show } from "@/components/Query";
import { StateBadge, StateMark, Tag } from "@/ui/Badges";
import classes from "./Health.module.css";
import { stateWords } from "./words";

/** What a service needs, opened down to where the trouble is. */
export function Tree({ id }: { id: string }) {
  return <ul className={classes.tree} aria-label="What it needs"><Needs id={id} path={[id]} /></ul>;
}

/** No deeper by itself: what lies further down is a press away. */
const byItself = 6;

function Needs({ id, item, path }: { id: string; item?: string; path: string[] }) {
  const query = useQuery(serviceTreeQuery(id, item));
  return (
    <Show query={query} lines={2}>
      {(t) => (
        <>
          {t.branches.length === 0 && <li className="dim" style={{ padding: "0.25rem 0" }}>It needs nothing that the graph knows of.</li>}
          {t.branches.map((b, i) => (b.members.length === 1 && !b.name ? <Leaf key={b.members[0]!.item} id={id} leaf={b.members[0]!} path={path} /> : <Group key={`${b.name ?? ""} ${i}`} id={id} branch={b} path={path} />))}
          {t.more ? <li className="dim">and {t.more.toLocaleString("en")} more</li> : null}
        </>
      )}
    </Show>
  );
}

function Group({ id, branch: b, path }: { id: string; branch: ServiceBranch; path: string[] }) {
  const [open, setOpen] = useState(b.state !== "ok" && b.members.length <= 50);
  return (
    <li>
      <button type="button" className={classes.node} aria-expanded={open} onClick={() => setOpen(!open)}>
        <span className={classes.arrow} aria-hidden="true">{open ? "▾" : "▸"}</span><StateMark state={b.state} /><span className={classes.grow}>{b.name || "Group"} <span className="dim">{b.rule}</span></span>
      </button>
      {open && <ul className={classes.tree}>{b.members.map((m) => <Leaf key={m.item} id={id} leaf={m} path={path} />)}{b.more ? <li className="dim">and {b.more.toLocaleString("en")} more</li> : null}</ul>}
    </li>
  );
}

function Leaf({ id, leaf: l, path }: { id: string; leaf: ServiceLeaf; path: string[] }) {
  const again = path.includes(l.item);
  const deeper = l.needs > 0 && !again;
  const [open, setOpen] = useState(deeper && l.state !== "ok" && l.own !== l.state && path.length <= byItself);
  return (
    <li>
      <div className={classes.node}>
        {deeper ? <button type="button" className={classes.arrow} aria-expanded={open} aria-label={`${open ? "Close" : "Open"} what ${l.name} needs`} onClick={() => setOpen(!open)}>{open ? "▾" : "▸"}</button> : <span className={classes.arrow} />}
        <StateMark state={l.state} />
        <span className={classes.grow}><RefLink kind="item" id={l.item}>{l.name}</RefLink> {l.label && <Tag>{l.label}</Tag>} {again && <span className="dim">needs what is above it in turn</span>}</span>
        {l.state !== "ok" && (l.own === l.state ? <span className={classes.own}>{stateWords[l.own]} by its own alerts</span> : <StateBadge state={l.state} />)}
      </div>
      {open && <ul className={classes.tree}><Needs id={id} item={l.item} path={[...path, l.item]} /></ul>}
    </li>
  );
}
