import { useId, type CSSProperties, type ReactNode } from "react";
import classes from "./Segments.module.css";

interface Props<V extends string> {
  data: readonly { value: V; label: ReactNode }[];
  /** The one chosen; none, when it is none of them. */
  value: string | undefined;
  onChange: (value: V) => void;
  /** A finger is on one: it is chosen when it is let go. */
  onPress?: (value: V) => void;
  "aria-label"?: string;
  "aria-labelledby"?: string;
  className?: string;
  style?: CSSProperties;
  /** All of the width, in equal parts. */
  wide?: boolean;
}

/** One of a few, all in sight: radio buttons side by side, with the keys of such. Nothing is measured, so a press costs no layout. */
export function Segments<V extends string>({ data, value, onChange, onPress, className, style, wide, ...names }: Props<V>) {
  const name = useId();
  return (
    <div role="radiogroup" className={className ? `${classes.segments} ${className}` : classes.segments} data-wide={wide || undefined} style={style} {...names}>
      {data.map((d) => (
        <label key={d.value} className={classes.segment} onPointerDown={onPress && (() => d.value !== value && onPress(d.value))}>
          <input type="radio" className="unseen" name={name} value={d.value} checked={d.value === value} onChange={() => onChange(d.value)} />
          <span className={classes.face}>{d.label}</span>
        </label>
      ))}
    </div>
  );
}
