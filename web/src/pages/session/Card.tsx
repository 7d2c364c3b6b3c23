import type { ReactNode } from "react";
import { Mast } from "@/shell/Logo";
import classes from "./Card.module.css";

/** The frame of the pages before the sign-in. */
export function Card({ title, children }: { title: string; children: ReactNode }) {
  return (
    <main className={classes.page}>
      <div className={classes.card}>
        <div className={classes.brand}><Mast size={26} /> Mainstay</div>
        <h1 className={classes.title}>{title}</h1>
        {children}
      </div>
    </main>
  );
}
