import type { ReactNode } from "react";
import classes from "./ListView.module.css";

/** The ground of a table that fills its page, as that of a list view. */
export function Sheet({ children }: { children: ReactNode }) {
  return <div className={classes.view}><div className={classes.list}>{children}</div></div>;
}
