import { Popover } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import type { Panel } from "@/api/dashboards";
import { happenedQuery } from "@/api/platform";
import { RefLink } from "@/components/RefLink";
import { plural } from "@/format/number";
import { Mark } from "@/ui/Mark";
import { At } from "@/ui/TimeAgo";
import { useBoard } from "../context";
import type { PanelData } from "../data";
import { concerning, happenings, maintenanceTypes, place, typesOf, type Placed } from "../happenings";
import type { Filling } from "../variables";
import classes from "./Panels.module.css";

/** More items than this are a crowd: what happens to each tells nothing of the drawing. */
const most = 50;
const anItem = /^[0-9a-hjkmnp-tv-z]{26}$/;

/** The items that a panel is about: of its series, and of the variables that its queries name. */
export function itemsOf(panel: Pick<Panel, "targets">, series: { labels: Record<string, string> }[], values: Record<string, string[]>): string[] {
  const named = Object.entries(values).filter(([name]) => (panel.targets ?? []).some((t) => new RegExp(`\\$(\\{)?${name}\\b`).test(t.query))).flatMap(([, v]) => v);
  return [...new Set([...series.map((s) => s.labels.item ?? ""), ...named].filter((id) => anItem.test(id)))].sort().slice(0, most);
}

/** What happened to the items shown, on the drawing: where, how long, and on request what. */
export function Happened({ panel, data, filling, left, width, height }: { panel: Panel; data: PanelData; filling: Filling; left: number; width: number; height: number }) {
  const { marks: kinds } = useBoard();
  const items = useMemo(() => itemsOf(panel, data.series, filling.values), [panel, data.series, filling.values]);
  const from = Math.floor(data.from / 30_000) * 30_000, to = Math.ceil(data.to / 30_000) * 30_000;
  const types = typesOf(kinds);
  const about = useQuery({ ...happenedQuery({ item: items, type: types, since: from, until: to }), enabled: items.length > 0 && types.length > 0 });
  const windows = useQuery({ ...happenedQuery({ type: maintenanceTypes, since: from, until: to }), enabled: kinds.includes("maintenance") });
  const placed = useMemo(() => {
    const list = [...(types.length ? about.data ?? [] : []), ...(kinds.includes("maintenance") ? concerning(windows.data ?? [], items) : [])];
    return width > 0 ? place(happenings(list), data.from, data.to, width) : [];
    // Kinds and items say what was asked; the answers say when they differ.
  }, [about.data, windows.data, kinds, items, data.from, data.to, width]);
  if (!placed.length) return null;
  return (
    <div className={classes.happened} style={{ left, width, height }} role="group" aria-label="What happened">
      {placed.map((m) => <One key={`${m.of[0]!.from} ${m.of[0]!.ref.id}`} mark={m} />)}
    </div>
  );
}

function One({ mark: m }: { mark: Placed }) {
  const [open, setOpen] = useState(false);
  const what = m.of.length === 1 ? m.of[0]!.text : plural(m.of.length, "thing");
  return (
    <>
      {m.spans.map((s, i) => <span key={i} aria-hidden="true" className={classes.lasted} data-on={open || undefined} style={{ left: s.from, width: Math.max(1, s.to - s.from), background: `var(--${s.level})` }} />)}
      <Popover opened={open} onChange={setOpen} position="bottom" withArrow withinPortal width={280} trapFocus>
        <Popover.Target>
          <button type="button" className={classes.mark} style={{ left: m.x, color: `var(--${m.level})` }} aria-label={`${what}, ${new Date(m.of[0]!.from).toLocaleString("en")}`} title={what} aria-expanded={open} onClick={() => setOpen(!open)}><Mark level={m.level} size={11} /></button>
        </Popover.Target>
        <Popover.Dropdown>
          <ul className={classes.markList}>
            {m.of.slice(0, 12).map((h, i) => (
              <li key={i}><Mark level={h.level} size={11} /><span><RefLink kind={h.ref.kind} id={h.ref.id}>{h.text}</RefLink> <span className="dim"><At at={new Date(h.from).toISOString()} />{h.to !== undefined && <> to <At at={new Date(h.to).toISOString()} /></>}{h.lasts && ", not over yet"}</span></span></li>
            ))}
          </ul>
          {m.of.length > 12 && <p className="dim">and {m.of.length - 12} more</p>}
        </Popover.Dropdown>
      </Popover>
    </>
  );
}
