import { useState } from "react";
import type { Target } from "@/api/types";
import { ItemLink } from "@/components/Names";
import { StateBadge, Tag } from "@/ui/Badges";
import { TimeAgo } from "@/ui/TimeAgo";
import classes from "./Check.module.css";
import { byWorst } from "./kind";
import { stateSentence } from "./sentence";
import { Why } from "./Why";

/** The check on each item it applies to, the worst first, with the reason of its state. */
export function Targets({ check, targets, retries }: { check: string; targets: Target[]; retries: number | undefined }) {
  const [asked, setAsked] = useState<string | undefined>();
  if (!targets.length) return <p className="dim">It applies to no item yet.</p>;
  if (targets.length === 1) {
    const t = targets[0]!;
    return <><p>{stateSentence(t, retries)}</p>{t.output && <p className={classes.message}>{t.output}</p>}<Why check={check} target={t.id} /></>;
  }
  return (
    <div className={classes.targets} tabIndex={0} role="region" aria-label="State on each item">
      {[...targets].sort(byWorst).slice(0, 200).map((t) => (
        <div key={t.id} className={classes.target}>
          <span className="row" style={{ gap: "0.375rem" }}><StateBadge state={t.disabled ? "disabled" : t.status} />{t.overridden && <Tag>override</Tag>}{!t.hard && t.status !== "pending" && t.status !== "ok" && <Tag>soft</Tag>}</span>
          <ItemLink id={t.item} /><span className="grow cut dim" title={t.output}>{t.output}</span><span className="row" style={{ gap: "0.5rem" }}><span className="dim"><TimeAgo at={t.checkedAt} bare /></span><button type="button" className={classes.ask} aria-expanded={asked === t.id} onClick={() => setAsked(asked === t.id ? undefined : t.id)}>Why</button></span>
          {asked === t.id && <div className={classes.why}><Why check={check} target={t.id} /></div>}
          {asked !== t.id && t.status !== "ok" && t.status !== "pending" && <span className={classes.why}>{stateSentence(t, retries)}</span>}
        </div>
      ))}
    </div>
  );
}
