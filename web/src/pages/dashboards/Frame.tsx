import { ActionIcon, Menu, Tooltip } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { Component, useEffect, useRef, useState, type ReactNode } from "react";
import type { Panel } from "@/api/dashboards";
import { ProblemView } from "@/components/ProblemView";
import { csv } from "@/format/csv";
import { IconMore } from "@/ui/icons";
import { Mark } from "@/ui/Mark";
import classes from "./Board.module.css";
import { useBoard } from "./context";
import { usePanelData, type PanelData } from "./data";
import { Body } from "./panels/Body";
import { fill, say, type Filling, type Values } from "./variables";
import { save } from "./download";

export interface Doings {
  view?: () => void;
  edit?: () => void;
  duplicate?: () => void;
  remove?: () => void;
}

/** One panel in its frame: what fails in it stays in it, and it asks only while it is on the screen. */
export function Frame({ panel, values, doings, handle, corner }: { panel: Panel; values?: Values; doings: Doings; handle?: ReactNode; corner?: ReactNode }) {
  const board = useBoard();
  const box = useRef<HTMLDivElement>(null);
  const [size, setSize] = useState<[number, number]>([0, 0]);
  const [visible, setVisible] = useState(false);
  useEffect(() => {
    const el = box.current!;
    const resized = new ResizeObserver(([e]) => setSize([Math.floor(e!.contentRect.width), Math.floor(e!.contentRect.height)]));
    const seen = new IntersectionObserver(([e]) => setVisible(e!.isIntersecting), { rootMargin: "150px" });
    resized.observe(el);
    seen.observe(el);
    return () => { resized.disconnect(); seen.disconnect(); };
  }, []);
  const filling: Filling = values ? { ...board.filling, values: { ...board.filling.values, ...values } } : board.filling;
  const data = usePanelData(panel, filling, size[0], visible);
  const title = say(panel.title ?? "", filling);
  const stale = data.error && data.series.length > 0;
  return (
    <section className={classes.panel} aria-label={title || `${panel.type} without a title`} aria-busy={data.loading && visible ? true : undefined}>
      {data.loading && visible && <div className={classes.busy} aria-hidden="true" />}
      <header className={classes.head}>
        {handle}
        <h2 className={classes.title} title={title}>{title}</h2>
        {panel.description && <Tooltip label={say(panel.description, filling)} multiline maw={320} events={{ hover: true, focus: true, touch: true }}><button type="button" className={classes.about} aria-label={`About ${title}`}>i</button></Tooltip>}
        <span className={classes.headRight}>
          {stale && <Tooltip label={`Not refreshed: ${data.error!.message}`}><span className={classes.failed} role="img" aria-label={`Not refreshed: ${data.error!.message}`}><Mark level="major" /></span></Tooltip>}
          <PanelMenu panel={panel} title={title} filling={filling} data={data} doings={doings} />
        </span>
      </header>
      <div className={classes.body}>
        <div ref={box} className={classes.inner}>
          {size[0] > 0 && <Boundary key={`${panel.type} ${JSON.stringify(panel.draw ?? {})}`}><Body panel={panel} data={data} width={size[0]} height={size[1]} filling={filling} onZoom={board.zoom} /></Boundary>}
        </div>
      </div>
      {corner}
    </section>
  );
}

function PanelMenu({ panel: p, title, filling, data, doings }: { panel: Panel; title: string; filling: Filling; data: PanelData; doings: Doings }) {
  const exprs = (p.targets ?? []).map((t) => fill(t.query, filling, true));
  return (
    <Menu position="bottom-end" width={190} withinPortal>
      <Menu.Target><ActionIcon size="sm" className={classes.menu} aria-label={`Menu of ${title || "the panel"}`}><IconMore size={15} /></ActionIcon></Menu.Target>
      <Menu.Dropdown>
        {doings.view && <Menu.Item onClick={doings.view}>View alone</Menu.Item>}
        {doings.edit && <Menu.Item onClick={doings.edit}>Edit</Menu.Item>}
        {exprs.length > 0 && <Menu.Item component={Link} to="/explore" search={((s: { from?: string; to?: string }) => ({ from: s.from, to: s.to, expr: exprs })) as never}>Explore</Menu.Item>}
        {doings.duplicate && <Menu.Item onClick={doings.duplicate}>Duplicate</Menu.Item>}
        <Menu.Item onClick={() => void navigator.clipboard?.writeText(JSON.stringify(p, null, 2))}>Copy as JSON</Menu.Item>
        {data.series.length > 0 && <Menu.Item onClick={() => save(`${title || p.type}.csv`, csvOf(data), "text/csv")}>Export CSV</Menu.Item>}
        {(p.links ?? []).map((l) => { const to = fill(l.to, filling); return <Menu.Item key={l.title} component="a" href={to} target={to.startsWith("/") ? undefined : "_blank"} rel="noreferrer">{l.title}</Menu.Item>; })}
        {doings.remove && <Menu.Item onClick={doings.remove}>Remove</Menu.Item>}
      </Menu.Dropdown>
    </Menu>
  );
}

/** What a panel holds: a line for each time, a column for each series. */
export function csvOf(data: Pick<PanelData, "series">): string {
  const times = [...new Set(data.series.flatMap((s) => s.points.map(([t]) => t)))].sort((a, b) => a - b);
  const at = data.series.map((s) => new Map(s.points));
  return csv(["time", ...data.series.map((s) => s.name)], times.map((t) => [new Date(t * 1000).toISOString(), ...at.map((m) => m.get(t) ?? "")]));
}

/** Keeps a drawing that fails from taking the page with it. */
class Boundary extends Component<{ children: ReactNode }, { error?: Error }> {
  state: { error?: Error } = {};
  static getDerivedStateFromError(error: Error) { return { error }; }
  render() { return this.state.error ? <ProblemView error={this.state.error} retry={() => this.setState({ error: undefined })} /> : this.props.children; }
}
