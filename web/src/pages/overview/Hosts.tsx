import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { itemsPath } from "@/api/graph";
import { page, total } from "@/api/lists";
import { nowQuery } from "@/api/telemetry";
import type { Item } from "@/api/items";
import { useHealth } from "@/app/health";
import { Show } from "@/components/Query";
import { hostClasses } from "@/pages/conditions";
import { hostMetrics } from "@/pages/metrics";
import { Empty } from "@/ui/Empty";
import { Mark } from "@/ui/Mark";
import { Panel } from "@/ui/Panel";
import { wording } from "@/ui/severity";
import classes from "./Overview.module.css";

const shown = 24;
const hosts = `class=${hostClasses.join(",")}`;

/** Hosts as tiles: how they are and how busy, the worst first. */
export function Hosts() {
  const query = useQuery({ queryKey: ["item", "hosts"], queryFn: ({ signal }) => page<Item>(itemsPath, { where: [hosts], sort: "name", limit: shown }, undefined, signal) });
  return (
    <Panel title="Hosts" count={total(query.data)} actions={<Link to="/items" search={(s) => ({ from: s.from, to: s.to, where: [hosts] })} className="link">All</Link>}>
      <Show query={query} height={90}>
        {(p) => p.items.length === 0 ? <Empty title="No hosts yet" action={<Link to="/agents" className="link">Add a host</Link>}>Hosts appear as soon as an agent runs on them.</Empty>
          : <div className={classes.tiles}>{p.items.map((h) => <Tile key={h.id} host={h} />)}</div>}
      </Show>
    </Panel>
  );
}

function useShare(query: string): Map<string, number> {
  const q = useQuery(nowQuery(query));
  return new Map((q.data ?? []).map((s) => [s.labels.item ?? "", s.value]));
}

function Tile({ host }: { host: Item }) {
  // The same three queries serve all tiles.
  const meters: [string, Map<string, number>][] = [["CPU", useShare(hostMetrics.cpu)], ["Mem", useShare(hostMetrics.memory)], ["Disk", useShare(hostMetrics.disk)]];
  const health = useHealth();
  const level = health(host.id);
  return (
    <Link to="/items/$id" params={{ id: host.id }} className={classes.tile}>
      <span className={classes.name}><Mark level={level} /><span className="unseen">{wording(level)}</span><span className="cut" title={host.name}>{host.name}</span></span>
      <span className={classes.meters}>
        {meters.map(([label, values]) => {
          const v = values.get(host.id);
          return (
            <span key={label} style={{ display: "contents" }}>
              <span>{label}</span>
              <span className={classes.meter}><span style={{ width: `${Math.min(100, (v ?? 0) * 100)}%` }} /></span>
              <span className="num">{v === undefined ? "–" : `${Math.round(v * 100)} %`}</span>
            </span>
          );
        })}
      </span>
    </Link>
  );
}
