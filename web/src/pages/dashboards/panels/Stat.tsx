import { reduce, said } from "../values";
import classes from "./Panels.module.css";
import type { PanelProps } from "./props";

/** One figure for each series, with its course behind it. */
export default function Stat({ panel: p, data, width, height }: PanelProps) {
  const list = data.series.slice(0, p.limit || 40);
  const columns = Math.max(1, Math.min(list.length, Math.floor(width / 118)));
  const rows = Math.ceil(list.length / columns);
  const size = Math.max(16, Math.min(44, (height / rows) * (list.length > 1 ? 0.36 : 0.5), (width / columns) * 0.19));
  return (
    <div className={classes.stats} style={{ overflowY: rows * 42 > height ? "auto" : undefined }}>
      {list.map((s, i) => {
        const v = said(reduce(s.points, p.reduce), p);
        return (
          <div key={i} className={classes.stat} data-level={v.level} style={v.level ? ({ "--level": `var(--${v.level})`, "--soft": `var(--${v.level}-soft)` } as React.CSSProperties) : undefined}>
            {p.spark && s.points.length > 1 && <Spark points={s.points} from={data.from} to={data.to} />}
            <span className={classes.statValue} style={{ fontSize: size }}>{v.text}</span>
            {(list.length > 1 || !p.title) && <span className={classes.statName} title={s.name}>{s.name}</span>}
          </div>
        );
      })}
    </div>
  );
}

/** The course of a series, without any axis. */
function Spark({ points, from, to }: { points: [number, number][]; from: number; to: number }) {
  const real = points.filter(([, v]) => Number.isFinite(v));
  if (real.length < 2) return null;
  const low = Math.min(...real.map(([, v]) => v)), high = Math.max(...real.map(([, v]) => v));
  const x = (t: number) => ((t * 1000 - from) / (to - from)) * 100;
  const y = (v: number) => (high > low ? 28 - ((v - low) / (high - low)) * 26 : 16);
  const line = real.map(([t, v], i) => `${i ? "L" : "M"}${x(t).toFixed(2)},${y(v).toFixed(2)}`).join("");
  return (
    <svg className={classes.spark} viewBox="0 0 100 30" preserveAspectRatio="none" aria-hidden="true">
      <path d={`${line}L${x(real.at(-1)![0]).toFixed(2)},30L${x(real[0]![0]).toFixed(2)},30Z`} fill="currentColor" opacity="0.35" />
      <path d={line} fill="none" stroke="currentColor" strokeWidth="1.5" vectorEffect="non-scaling-stroke" />
    </svg>
  );
}
