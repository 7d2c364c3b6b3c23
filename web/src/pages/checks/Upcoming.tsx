import { useQuery } from "@tanstack/react-query";
import { occurrencesQuery } from "@/api/monitor";
import type { Occurrence } from "@/api/types";
import { Show } from "@/components/Query";
import { clock, duration } from "@/format/time";
import { StateBadge, Tag } from "@/ui/Badges";
import { Empty } from "@/ui/Empty";
import { Panel } from "@/ui/Panel";
import classes from "./Upcoming.module.css";

const days = 60;
const day = (at: string) => new Date(at).toLocaleDateString("en", { weekday: "long", day: "numeric", month: "long", year: "numeric" });

/** Occurrences by the day on which they begin. */
export function byDay(list: Occurrence[]): [string, Occurrence[]][] {
  const out = new Map<string, Occurrence[]>();
  for (const o of list) out.set(day(o.start), [...(out.get(day(o.start)) ?? []), o]);
  return [...out];
}

/** When maintenance will be, day by day. */
export function Upcoming({ onOpen }: { onOpen: (id: string) => void }) {
  const query = useQuery(occurrencesQuery(days));
  const now = Date.now();
  return (
    <Show query={query} lines={6}>
      {(list) => list.length === 0 ? <Empty title={`No maintenance in the next ${days} days`} /> : (
        <div className={classes.days}>
          {byDay(list).map(([name, of]) => (
            <Panel key={name} title={name} flush>
              <ul className={classes.list}>
                {of.map((o) => (
                  <li key={`${o.window} ${o.start}`}>
                    <button type="button" className={classes.row} onClick={() => onOpen(o.window)}>
                      <span className="mono">{clock(Date.parse(o.start)).slice(0, 5)} – {clock(Date.parse(o.end)).slice(0, 5)}</span>
                      <span><strong>{o.name}</strong> <span className="dim">{o.reason}</span></span>
                      <span className="dim">{duration(Date.parse(o.end) - Date.parse(o.start))}</span>
                      <span>{Date.parse(o.start) <= now ? <StateBadge state="active" /> : o.recurring && <Tag>recurs</Tag>}</span>
                    </button>
                  </li>
                ))}
              </ul>
            </Panel>
          ))}
        </div>
      )}
    </Show>
  );
}
