import type { ReactNode } from "react";
import classes from "./Empty.module.css";

/** Nothing here, why, and what to do about it. */
export function Empty({ title, children, action, good }: { title: string; children?: ReactNode; action?: ReactNode; good?: boolean }) {
  return (
    <div className={classes.empty}>
      <p className={classes.title} data-good={good || undefined}>{title}</p>
      {children && <p className={classes.text}>{children}</p>}
      {action && <div className={classes.action}>{action}</div>}
    </div>
  );
}

/** Holds the place of what is being read, so that nothing jumps. It shows only after a moment. */
export function Loading({ lines = 3, height }: { lines?: number; height?: number }) {
  return (
    <div className={classes.loading} style={height ? { height } : undefined} role="status" aria-label="Loading">
      {Array.from({ length: lines }, (_, i) => (
        <div key={i} className={classes.bar} style={{ width: `${[92, 76, 84, 60][i % 4]}%` }} />
      ))}
    </div>
  );
}
