import { useId, type ReactNode } from "react";
import classes from "./Panel.module.css";

/** A titled surface. count and actions sit in its head; flush lets tables reach the edge. */
export function Panel({
  title, count, actions, flush, children, grow, hint,
}: {
  title?: ReactNode;
  count?: ReactNode;
  actions?: ReactNode;
  flush?: boolean;
  grow?: boolean;
  hint?: ReactNode;
  children: ReactNode;
}) {
  const id = useId();
  return (
    <section className={classes.panel} data-grow={grow || undefined} aria-labelledby={title ? id : undefined}>
      {title && (
        <header className={classes.head}>
          <h2 id={id} className={classes.title}>
            {title}
            {count !== undefined && <span className={classes.count}>{count}</span>}
          </h2>
          {hint && <span className={classes.hint}>{hint}</span>}
          {actions && <div className={classes.actions}>{actions}</div>}
        </header>
      )}
      <div className={flush ? classes.flush : classes.body}>{children}</div>
    </section>
  );
}

/** The head of a page: what it is about, its state, what can be done. */
export function PageHead({ title, state, sub, actions }: { title: ReactNode; state?: ReactNode; sub?: ReactNode; actions?: ReactNode }) {
  return (
    <header className={classes.page}>
      <div className={classes.pageText}>
        <div className={classes.pageTitle}>
          <h1>{title}</h1>
          {state && <span className={classes.state}>{state}</span>}
        </div>
        {sub && <div className={classes.sub}>{sub}</div>}
      </div>
      {actions && <div className={classes.actions}>{actions}</div>}
    </header>
  );
}

/** Facts as label and value, in as many columns as fit. */
export function Facts({ rows, wide }: { rows: ([label: string, value: ReactNode] | false | undefined)[]; wide?: boolean }) {
  return (
    <dl className={classes.facts} data-wide={wide || undefined}>
      {rows.filter((r): r is [string, ReactNode] => Boolean(r)).map(([label, value]) => (
        <div key={label} className={classes.fact}>
          <dt>{label}</dt>
          <dd>{value === undefined || value === null || value === "" ? <span className="dim">–</span> : value}</dd>
        </div>
      ))}
    </dl>
  );
}

/** A page of two columns that become one when it is narrow. */
export const Columns = ({ main, side }: { main: ReactNode; side: ReactNode }) => (
  <div className={classes.columns}>
    <div className="stack">{main}</div>
    <div className="stack">{side}</div>
  </div>
);
