import { useQueries } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { countQuery } from "@/api/counts";
import { checksPath } from "@/api/monitor";
import { Empty } from "@/ui/Empty";
import { Mark } from "@/ui/Mark";
import { Panel } from "@/ui/Panel";
import { levelOfState, wording } from "@/ui/severity";
import classes from "./Overview.module.css";

const states = ["critical", "warning", "unknown", "ok"];

export function CheckStates() {
  const counts = useQueries({ queries: states.map((s) => countQuery("check", checksPath, [`status=${s}`])) });
  const total = counts.reduce((sum, c) => sum + (c.data ?? 0), 0);
  return (
    <Panel title="Checks" count={total || undefined}>
      {total === 0 && counts.every((c) => c.isFetched) ? <Empty title="No checks yet" action={<Link to="/checks" className="link">Checks</Link>}>What Mainstay measures on purpose shows here how it is.</Empty> : (
        <>
          <div className={classes.stateBar} aria-hidden="true">
            {states.map((s, i) => counts[i]?.data ? <span key={s} style={{ flex: counts[i]!.data, minWidth: 4, background: `var(--${levelOfState(s)})` }} /> : null)}
          </div>
          <div className={classes.legend}>
            {states.map((s, i) => (
              <Link key={s} to="/checks" search={(b) => ({ from: b.from, to: b.to, where: [`status=${s}`] })}>
                <Mark level={levelOfState(s)} /><span className="dim">{wording(s)}</span><strong>{counts[i]?.data ?? "–"}</strong>
              </Link>
            ))}
          </div>
        </>
      )}
    </Panel>
  );
}
