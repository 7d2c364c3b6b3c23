import type { Target } from "@/api/types";
import { ItemLink } from "@/components/Names";
import { StateBadge, Tag } from "@/ui/Badges";
import { TimeAgo } from "@/ui/TimeAgo";
import classes from "./Check.module.css";
import { stateSentence } from "./sentence";

/** The check on each item it applies to, with the reason of its state. */
export function Targets({ targets, retries }: { targets: Target[]; retries: number | undefined }) {
  if (!targets.length) return <p className="dim">It applies to no item yet.</p>;
  if (targets.length === 1) {
    const t = targets[0]!;
    return <><p>{stateSentence(t, retries)}</p>{t.output && <p className={classes.message}>{t.output}</p>}</>;
  }
  return (
    <div>
      {targets.slice(0, 200).map((t) => (
        <div key={t.id} className={classes.target} title={stateSentence(t, retries)}>
          <StateBadge state={t.status} />{!t.hard && t.status !== "pending" && <Tag>soft</Tag>}
          <ItemLink id={t.item} /><span className="grow cut dim">{t.output}</span><span className="dim"><TimeAgo at={t.checkedAt} bare /></span>
        </div>
      ))}
    </div>
  );
}
