import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { dashboardQuery, setDashboard, type Dashboard, type Spec } from "@/api/dashboards";
import { Problem } from "@/api/client";
import { ledgerAbout } from "@/api/platform";
import { Diff } from "@/components/Diff";
import { ProblemView } from "@/components/ProblemView";
import { Show } from "@/components/Query";
import { useDo } from "@/components/toast";
import { Mark } from "@/ui/Mark";
import { Segments } from "@/ui/Segments";
import { TimeAgo } from "@/ui/TimeAgo";
import { merge, type Side } from "../merge";
import classes from "./Edit.module.css";

/** Somebody else saved in the meantime: what they did, what both did, and what becomes of it. Nothing is stored before it was seen. */
export function Together({ before, mine, onClose, onSaved }: { before: Dashboard; mine: Spec; onClose: () => void; onSaved: (d: Dashboard) => void }) {
  const query = useQuery({ ...dashboardQuery(before.id), staleTime: 0 });
  const { refetch } = query;
  useEffect(() => void refetch(), [refetch]); // what is known of it may be older than what was refused
  return <Show query={query} lines={6} missing="The dashboard was deleted in the meantime: save yours as a new one">{(theirs) => theirs.version === before.version ? null : <Both key={theirs.version} before={before} mine={mine} theirs={theirs} again={() => void refetch()} onClose={onClose} onSaved={onSaved} />}</Show>;
}

function Both({ before, mine, theirs, again, onClose, onSaved }: { before: Dashboard; mine: Spec; theirs: Dashboard; again: () => void; onClose: () => void; onSaved: (d: Dashboard) => void }) {
  const [take, setTake] = useState<Record<string, Side>>({});
  const who = useQuery(ledgerAbout({ subject: `dashboard/${theirs.id}`, limit: 1 })).data?.items[0]?.actor.name;
  const both = merge(before.spec, mine, theirs.spec, take);
  const open = both.conflicts.filter((c) => !take[c.key]).length;
  const save = useDo({
    run: () => setDashboard(theirs, both.spec).catch((e: unknown) => {
      if (!(e instanceof Problem && e.code === "stale")) throw e;
      again(); // once more, with what was saved just now
      return undefined;
    }),
    done: (d) => (d ? `${both.spec.title} was saved with what both changed` : ""), failed: "It was not saved", touches: ["dashboard", "document"], then: (d) => d && onSaved(d),
  });
  return (
    <div className="stack">
      <p className="row" role="alert"><Mark level="minor" size={16} /><span><strong>{who ?? "Somebody else"}</strong> saved this dashboard <TimeAgo at={theirs.updatedAt} />, while you changed it. Nothing of either is lost.</span></p>
      <section aria-label="What the other did"><h3>The other</h3><ul className={classes.told}>{both.theirs.length ? both.theirs.map((t, i) => <li key={i}>{t}</li>) : <li>changed nothing that is shown</li>}</ul></section>
      {both.conflicts.length === 0 ? <p>You touched other things: both fit together.</p> : (
        <section aria-label="What both changed" className="stack">
          <h3>Both changed the same: whose is taken?</h3>
          {both.conflicts.map((c) => (
            <div key={c.key} className={classes.choice}>
              <span>{c.what}</span>
              <Segments aria-label={`Whose is taken: ${c.what}`} value={take[c.key] ?? ""} onChange={(v) => setTake({ ...take, [c.key]: v as Side })} data={[{ value: "mine", label: "Mine" }, { value: "theirs", label: "Theirs" }]} />
            </div>
          ))}
        </section>
      )}
      <Diff before={JSON.stringify(theirs.spec, null, 2)} after={JSON.stringify(both.spec, null, 2)} label="What you add to theirs" />
      {save.error && <ProblemView error={save.error} />}
      <div className="row wrap">
        <Button data-autofocus loading={save.isPending} disabled={open > 0} title={open > 0 ? "Choose whose is taken first" : undefined} onClick={() => save.mutate(undefined)}>Save both</Button>
        <Button variant="default" onClick={() => onSaved(theirs)}>Drop mine</Button>
        <Button variant="default" onClick={onClose}>Go on editing</Button>
      </div>
    </div>
  );
}
