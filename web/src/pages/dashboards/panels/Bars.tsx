import { ends, reduce, said } from "../values";
import classes from "./Panels.module.css";
import type { PanelProps } from "./props";

/** A bar for each series: in the order they come, or the largest first. */
export default function Bars({ panel: p, data }: PanelProps) {
  const all = data.series.map((s) => ({ name: s.name, value: reduce(s.points, p.reduce) }));
  const top = p.type === "topList";
  const list = (top ? all.filter((b) => b.value !== null).sort((a, b) => b.value! - a.value!) : all).slice(0, p.limit || (top ? 10 : 100));
  const [low, high] = ends(list.map((b) => b.value ?? 0).filter(Number.isFinite), p.min, p.max ?? (top ? undefined : p.unit === "percent" ? 100 : p.unit === "ratio" && list.every((b) => (b.value ?? 0) <= 1) ? 1 : undefined));
  return (
    <div className={classes.bars} role="list" tabIndex={0} aria-label={p.title || "Bars"}>
      {list.map((b, i) => {
        const v = said(b.value, p);
        const share = b.value === null ? 0 : Math.min(100, Math.max(0, ((b.value - low) / (high - low)) * 100));
        return (
          <div key={i} className={classes.bar} role="listitem">
            <span className={classes.barName} title={b.name}>{b.name}</span>
            <span className={classes.track} aria-hidden="true"><span className={classes.filled} style={{ display: "block", width: `${share}%`, background: v.level ? `var(--${v.level})` : undefined }} /></span>
            <span className={classes.number}>{v.text}</span>
          </div>
        );
      })}
    </div>
  );
}
