import { ActionIcon, Button } from "@mantine/core";
import { useUrl } from "@/app/url";
import { RefLink } from "@/components/RefLink";
import { SeverityBadge, Tag } from "@/ui/Badges";
import { IconClose } from "@/ui/icons";
import { Mark } from "@/ui/Mark";
import classes from "./Map.module.css";
import type { View } from "./model";

const bound = 40;

/** The chosen item: what it is, and its neighbours to walk along. */
export function Side({ view, id, onClose, onSelect }: { view: View; id: string; onClose: () => void; onSelect: (id: string) => void }) {
  const [, setUrl] = useUrl();
  const byId = new Map(view.nodes.map((n) => [n.id, n]));
  const node = byId.get(id);
  if (!node) return null;
  const needs = view.edges.filter((e) => e.from === id);
  const needed = view.edges.filter((e) => e.to === id);
  const lines = (edges: typeof needs, other: "from" | "to") => edges.slice(0, bound).map((e) => {
    const n = byId.get(e[other]);
    return n ? (
      <li key={e[other] + e.type}>
        <button type="button" className={classes.neighbour} onClick={() => onSelect(n.id)}><Mark level={n.severity} /><span className="grow cut">{n.name}</span><span className="dim">{e.type.replaceAll("_", " ")}</span></button>
      </li>
    ) : null;
  });
  return (
    <aside className={classes.side} aria-label={`About ${node.name}`}>
      <div className="row"><h2 className="grow" style={{ overflowWrap: "anywhere" }}>{node.name}</h2><ActionIcon aria-label="Close" onClick={onClose}><IconClose size={16} /></ActionIcon></div>
      <div className="row wrap"><Tag>{node.class.replaceAll("_", " ")}</Tag><SeverityBadge severity={node.severity ?? "clear"} /></div>
      <div className="row wrap"><RefLink kind="item" id={id}>Open the item</RefLink><Button variant="default" onClick={() => setUrl({ focus: id, hops: "2", group: undefined, open: undefined }, { push: true })}>Focus here</Button></div>
      {needs.length > 0 && <section><h3>Goes to <span className="dim">{needs.length}</span></h3><ul className={classes.neighbours}>{lines(needs, "to")}</ul></section>}
      {needed.length > 0 && <section><h3>Comes from <span className="dim">{needed.length}</span></h3><ul className={classes.neighbours}>{lines(needed, "from")}</ul></section>}
    </aside>
  );
}
