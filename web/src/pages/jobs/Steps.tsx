import type { RunbookStep, Step } from "@/api/types";
import { Empty } from "@/ui/Empty";
import { Mark } from "@/ui/Mark";
import { levelOfState, wording } from "@/ui/severity";
import { Took } from "@/ui/TimeAgo";
import { layers } from "./layers";
import classes from "./Steps.module.css";

/** A step of a definition, or of a run with its state. */
export type Shape = Pick<Step, "id" | "name" | "kind"> & Partial<Step> & { needs?: string[] | null };

const kinds = ["shell", "http", "wait", "verify", "approval"] as const;

export const shapeOf = (s: RunbookStep): Shape => ({ id: s.id, name: s.name || s.id, kind: kinds.find((k) => s[k]) ?? "shell", needs: s.needs });

/** The steps of a run, with the order its definition gives them. */
export function shapesOf(steps: Step[], definition: RunbookStep[] | null | undefined): Shape[] {
  const needs = new Map((definition ?? []).map((d) => [d.id, d.needs]));
  return steps.map((s) => ({ ...s, needs: needs.get(s.id) }));
}

/** The steps as columns in their order: what stands in one column may run side by side. */
export function Steps({ steps, selected, onSelect }: { steps: Shape[]; selected?: string; onSelect?: (id: string) => void }) {
  if (!steps.length) return <Empty title="No steps" />;
  return (
    <ol className={classes.flow} aria-label="Steps in order">
      {layers(steps).map((column, i) => (
        <li key={i} className={classes.column}>
          {column.map((s) => onSelect ? (
            <button key={s.id} type="button" className={classes.step} aria-pressed={s.id === selected} onClick={() => onSelect(s.id)} title={s.needs?.length ? `After ${s.needs.join(", ")}` : "Starts at once"}><Inside step={s} /></button>
          ) : <div key={s.id} className={classes.step}><Inside step={s} /></div>)}
        </li>
      ))}
    </ol>
  );
}

function Inside({ step: s }: { step: Shape }) {
  return (
    <>
      <span className={classes.head}>{s.state && <Mark level={levelOfState(s.state)} />}<span className="cut">{s.name}</span></span>
      <span className={classes.sub}>{s.kind}{s.state && ` · ${wording(s.state).toLowerCase()}`}{s.attempt && s.attempt > 1 ? ` · attempt ${s.attempt}` : ""}</span>
      {s.startedAt && (s.finishedAt || s.state === "running") && <span className={classes.sub}><Took from={s.startedAt} to={s.finishedAt} fine />{s.exitCode ? ` · exit ${s.exitCode}` : ""}{s.decidedBy ? ` · ${s.decidedBy}` : ""}</span>}
      {s.message && <span className={classes.message}>{s.message}</span>}
    </>
  );
}
