import type { Step } from "@/api/types";
import { Empty } from "@/ui/Empty";
import { Mark } from "@/ui/Mark";
import { levelOfState, wording } from "@/ui/severity";
import { Took } from "@/ui/TimeAgo";
import { layers } from "./layers";
import classes from "./Steps.module.css";

/** The steps as columns in their order: what stands in one column may run side by side. */
export function Steps({ steps, selected, onSelect }: { steps: Partial<Step>[] & { name: string }[]; selected?: string; onSelect?: (name: string) => void }) {
  if (!steps.length) return <Empty title="No steps" />;
  return (
    <ol className={classes.flow} aria-label="Steps in order">
      {layers(steps as Step[]).map((column, i) => (
        <li key={i} className={classes.column}>
          {column.map((s) => (
            <button key={s.name} type="button" className={classes.step} aria-pressed={onSelect ? s.name === selected : undefined} disabled={!onSelect} onClick={() => onSelect?.(s.name)}
              title={s.needs?.length ? `After ${s.needs.join(", ")}` : "Starts at once"}>
              <span className={classes.head}>{s.status && <Mark level={levelOfState(s.status)} />}<span className="cut">{s.name}</span></span>
              <span className={classes.sub}>
                {s.kind}{s.status && ` · ${wording(s.status).toLowerCase()}`}{s.attempt && s.attempt > 1 ? ` · attempt ${s.attempt}` : ""}
              </span>
              {s.startedAt && <span className={classes.sub}><Took from={s.startedAt} to={s.finishedAt ?? (s.status === "running" ? undefined : s.startedAt)} />{s.agent && ` on ${s.agent}`}</span>}
              {s.message && <span className={classes.message}>{s.message}</span>}
            </button>
          ))}
        </li>
      ))}
    </ol>
  );
}
