import { levels, wording, type Level } from "@/ui/severity";
import { Mark } from "@/ui/Mark";
import classes from "./Map.module.css";

/** What the marks and lines mean, how many there are of each, and a way to find them. */
export function Legend({ counts, chosen, grouped, onChoose }: { counts: Partial<Record<Level, number>>; chosen?: string; grouped: boolean; onChoose: (level: Level | undefined) => void }) {
  return (
    <div className={classes.legend} role="group" aria-label="Legend: conditions of the items">
      {levels.filter((l) => counts[l]).map((l) => (
        <button key={l} type="button" className={classes.level} aria-pressed={chosen === l} title={chosen === l ? "Show all alike" : `Point out the ${counts[l]!.toLocaleString("en")}`} onClick={() => onChoose(chosen === l ? undefined : l)}>
          <Mark level={l} size={12} />{wording(l)} <span className="dim">{counts[l]!.toLocaleString("en")}</span>
        </button>
      ))}
      <span className={classes.note}>{grouped ? "An arrow goes from what needs to what is needed; a thick one stands for many" : "An arrow goes from what needs to what is needed"}</span>
    </div>
  );
}
