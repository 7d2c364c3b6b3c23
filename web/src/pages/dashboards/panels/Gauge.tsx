import { ends, reduce, said, shown } from "../values";
import classes from "./Panels.module.css";
import type { PanelProps } from "./props";

const start = -220, sweep = 260;

function arc(from: number, to: number, r: number): string {
  const point = (share: number) => { const a = ((start + share * sweep) * Math.PI) / 180; return `${(50 + r * Math.cos(a)).toFixed(2)},${(50 + r * Math.sin(a)).toFixed(2)}`; };
  return `M${point(from)}A${r},${r} 0 ${(to - from) * sweep > 180 ? 1 : 0} 1 ${point(to)}`;
}

/** A dial for each series; the ring outside has the colours of the thresholds. */
export default function Gauge({ panel: p, data }: PanelProps) {
  const list = data.series.slice(0, p.limit || 24);
  const values = list.map((s) => reduce(s.points, p.reduce));
  const [low, high] = ends(values.filter((v): v is number => v !== null && Number.isFinite(v)), p.min, p.max ?? (p.unit === "percent" ? 100 : p.unit === "ratio" ? 1 : undefined));
  const share = (v: number) => Math.min(1, Math.max(0, (v - low) / (high - low)));
  const steps = p.thresholds ?? [];
  return (
    <div className={classes.gauges}>
      {list.map((s, i) => {
        const value = values[i] ?? null, v = said(value, p);
        return (
          <div key={i} className={classes.gauge}>
            <svg viewBox="0 0 100 82" role="img" aria-label={`${s.name}: ${v.text} of ${shown(high, p.unit, p.decimals)}`} style={{ flex: "1 1 auto" }}>
              <path d={arc(0, 1, 38)} fill="none" stroke="var(--line)" strokeWidth="9" />
              {value !== null && share(value) > 0 && <path d={arc(0, share(value), 38)} fill="none" stroke={v.level ? `var(--${v.level})` : "var(--series-1)"} strokeWidth="9" />}
              {steps.map((t, n) => {
                const a = share(t.from ?? low), b = n + 1 < steps.length ? share(steps[n + 1]!.from!) : 1;
                return b > a ? <path key={n} d={arc(a, b, 45.5)} fill="none" stroke={`var(--${t.severity})`} strokeWidth="2" /> : null;
              })}
              <text x="50" y="54" textAnchor="middle" fontSize={v.text.length > 7 ? 12 : 16}>{v.text}</text>
            </svg>
            {(list.length > 1 || !p.title) && <span className={classes.statName} title={s.name}>{s.name}</span>}
          </div>
        );
      })}
    </div>
  );
}
