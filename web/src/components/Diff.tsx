import { useMemo } from "react";
import { diffLines, hunks } from "@/format/diff";
import classes from "./Yaml.module.css";

const signs = { same: " ", gone: "−", new: "+" };
const said = { same: "", gone: "removed: ", new: "added: " };

/** What changes from one text to the other. */
export function Diff({ before, after, label }: { before: string; after: string; label: string }) {
  const shown = useMemo(() => hunks(diffLines(before, after)), [before, after]);
  if (!shown.some(Boolean)) return <p className="dim">No line differs.</p>;
  return (
    <div className={`${classes.diff} ${classes.grow}`} role="region" aria-label={label} tabIndex={0}>
      {shown.map((l, i) => l ? (
        <div key={i} className={classes.line} data-kind={l.kind}><span>{l.after ?? l.before}</span><span aria-hidden="true">{signs[l.kind]}</span><span><span className="unseen">{said[l.kind]}</span>{l.text}</span></div>
      ) : <div key={i} className={classes.skip}>…</div>)}
    </div>
  );
}
