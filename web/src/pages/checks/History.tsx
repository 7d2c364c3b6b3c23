import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { queryRange } from "@/api/telemetry";
import type { Check, Target } from "@/api/types";
import { useRange } from "@/app/range";
import { MetricChart } from "@/components/chart/MetricChart";
import { ItemLink } from "@/components/Names";
import { clock, exact } from "@/format/time";
import { stepFor } from "@/state/range";
import { Panel } from "@/ui/Panel";
import classes from "./Check.module.css";
import { availability, percent, pieces, type Piece } from "./history";

const shown = 12;
const quoted = (text: string) => text.replaceAll("\\", "\\\\").replaceAll('"', '\\"');

/** How the check was over the page's time range, item by item, and how long it took. */
export function History({ check: c, targets }: { check: Check; targets: Target[] }) {
  const { from, to, zoom } = useRange();
  const step = stepFor(from, to, 120);
  const align = (t: number) => Math.floor(t / 1000 / step) * step * 1000;
  const selector = `{check="${quoted(c.name)}"}`;
  const expr = `avg by (item) (avg_over_time(mainstay_check_up${selector}[${step}s]))`;
  const query = useQuery({
    queryKey: ["metric", "check-up", c.id, align(from), align(to), step],
    queryFn: ({ signal }) => queryRange(expr, align(from), align(to) + step * 1000, step, signal), placeholderData: keepPreviousData, staleTime: 5000,
  });
  const byItem = new Map((query.data ?? []).map((s) => [s.labels.item ?? "", s.points]));
  const rows = targets.slice(0, shown).map((t) => ({ target: t, list: pieces(byItem.get(t.item ?? "") ?? [], from, to, step) }));
  return (
    <Panel title="History" hint={rows.length === 1 ? `well ${percent(availability(rows[0]!.list))} of the time it ran` : undefined}>
      <div className={classes.history}>
        {query.data && rows.map(({ target, list }) => (
          <div key={target.id}>
            {rows.length > 1 && <div className="row"><span className="grow cut"><ItemLink id={target.item} /></span><span className="dim">{percent(availability(list))}</span></div>}
            <StateStrip list={list} onZoom={zoom} />
          </div>
        ))}
        {targets.length > shown && <p className="dim">The first {shown} of {targets.length} items are drawn.</p>}
        <div className={classes.ends} aria-hidden="true"><span>{clock(from)}</span><span>{clock(to)}</span></div>
      </div>
      <MetricChart title="How long it took" query={`max by (item) (mainstay_check_duration_seconds${selector})`} unit="seconds" height={150} />
    </Panel>
  );
}

function StateStrip({ list, onZoom }: { list: Piece[]; onZoom: (from: number, to: number) => void }) {
  const span = (list.at(-1)?.to ?? 1) - (list[0]?.from ?? 0);
  const bad = list.filter((p) => p.up !== undefined && p.up < 1).length;
  return (
    <div className={classes.pieces} role="img" aria-label={`${list.length} pieces of time, not well in ${bad}; well ${percent(availability(list))}`}>
      {list.map((p) => (
        <span key={p.from} data-state={p.up === undefined ? "none" : p.up >= 1 ? "ok" : p.up > 0 ? "part" : "bad"} style={{ flexGrow: (p.to - p.from) / span }}
          title={`${exact(p.from)} – ${clock(p.to)}: ${p.up === undefined ? "it did not run" : p.up >= 1 ? "well" : `well in ${percent(p.up)}`}`}
          onClick={() => p.up !== undefined && p.up < 1 && onZoom(p.from - 2 * (p.to - p.from), p.to + 2 * (p.to - p.from))} />
      ))}
    </div>
  );
}
