import { ActionIcon, Button, Menu, Modal } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { changeOccurrence, endMaintenance, extendMaintenance, occurrencesQuery } from "@/api/monitor";
import type { Occurrence } from "@/api/types";
import { ProblemView } from "@/components/ProblemView";
import { Show } from "@/components/Query";
import { useDo } from "@/components/toast";
import { clock, duration } from "@/format/time";
import { StateBadge, Tag } from "@/ui/Badges";
import { Empty } from "@/ui/Empty";
import { IconMore } from "@/ui/icons";
import { Panel } from "@/ui/Panel";
import { TimeInput } from "@/ui/TimeInput";
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
export function Upcoming({ onOpen, why }: { onOpen: (id: string) => void; why?: string }) {
  const query = useQuery(occurrencesQuery(days));
  const [moving, setMoving] = useState<Occurrence>();
  const now = Date.now();
  return (
    <>
      <Show query={query} lines={6}>
        {(list) => list.length === 0 ? <Empty title={`No maintenance in the next ${days} days`} /> : (
          <div className={classes.days}>
            {byDay(list).map(([name, of]) => (
              <Panel key={name} title={name} flush>
                <ul className={classes.list}>
                  {of.map((o) => (
                    <li key={`${o.window} ${o.occurrence}`} className={classes.line} data-cancelled={o.cancelled || undefined}>
                      <button type="button" className={classes.row} onClick={() => onOpen(o.window)}>
                        <span className="mono">{clock(Date.parse(o.start)).slice(0, 5)} – {clock(Date.parse(o.end)).slice(0, 5)}</span>
                        <span><strong>{o.name}</strong> <span className="dim">{o.reason}</span></span>
                        <span className="dim">{duration(Date.parse(o.end) - Date.parse(o.start))}</span>
                        <span>{o.cancelled ? <Tag>cancelled</Tag> : Date.parse(o.start) <= now ? <StateBadge state="active" /> : o.changed ? <Tag>changed</Tag> : o.recurring && <Tag>recurs</Tag>}</span>
                      </button>
                      <Doings o={o} on={Date.parse(o.start) <= now} why={why} onMove={() => setMoving(o)} />
                    </li>
                  ))}
                </ul>
              </Panel>
            ))}
          </div>
        )}
      </Show>
      {moving && <Move o={moving} onClose={() => setMoving(undefined)} />}
    </>
  );
}

/** What can be done with one occurrence, without touching the others. */
function Doings({ o, on, why, onMove }: { o: Occurrence; on: boolean; why?: string; onMove: () => void }) {
  const touches = ["maintenance", "alert"];
  const end = useDo({ run: () => endMaintenance(o.window), done: `${o.name} has ended`, touches });
  const extend = useDo({ run: (minutes: number) => extendMaintenance(o.window, minutes), done: `${o.name} ends later`, touches });
  const restore = useDo({ run: () => changeOccurrence(o.window, { occurrence: o.occurrence, change: "restore" }), done: `${o.name} is as its rule says`, touches });
  const cancel = useDo({ run: () => changeOccurrence(o.window, { occurrence: o.occurrence, change: "cancel" }), done: `${o.name} does not take place this time`, touches, undo: () => () => restore.mutate(undefined) });
  if (!on && !o.recurring) return <span className={classes.none} />;
  return (
    <Menu position="bottom-end" width={210} withinPortal>
      <Menu.Target><ActionIcon aria-label={`Change ${o.name} on ${day(o.start)}`} title={why ?? "This time only"} disabled={Boolean(why)}><IconMore size={15} /></ActionIcon></Menu.Target>
      <Menu.Dropdown>
        {o.recurring && <Menu.Label>This time only</Menu.Label>}
        {on && !o.cancelled && <>
          <Menu.Item onClick={() => end.mutate(undefined)}>End it now</Menu.Item>
          <Menu.Item onClick={() => extend.mutate(15)}>15 minutes longer</Menu.Item>
          <Menu.Item onClick={() => extend.mutate(60)}>An hour longer</Menu.Item>
        </>}
        {!on && !o.cancelled && <Menu.Item onClick={() => cancel.mutate(undefined)}>Cancel it</Menu.Item>}
        {!on && !o.cancelled && <Menu.Item onClick={onMove}>Move it</Menu.Item>}
        {o.recurring && (o.cancelled || o.changed) && <Menu.Item onClick={() => restore.mutate(undefined)}>As its rule says again</Menu.Item>}
      </Menu.Dropdown>
    </Menu>
  );
}

function Move({ o, onClose }: { o: Occurrence; onClose: () => void }) {
  const [from, setFrom] = useState<number | undefined>(Date.parse(o.start));
  const [to, setTo] = useState<number | undefined>(Date.parse(o.end));
  const reversed = from !== undefined && to !== undefined && from >= to ? "It must end after it starts" : undefined;
  const save = useDo({
    run: () => changeOccurrence(o.window, { occurrence: o.occurrence, change: "move", start: new Date(from!).toISOString(), end: new Date(to!).toISOString() }),
    done: `${o.name} is at another time, this time`, failed: "It was not moved", touches: ["maintenance", "alert"], then: onClose,
  });
  return (
    <Modal opened onClose={onClose} title={`Move ${o.name}, this time only`} closeButtonProps={{ "aria-label": "Close" }}>
      <form className="stack" onSubmit={(e) => { e.preventDefault(); save.mutate(undefined); }}>
        <p className="dim">Its rule gives {day(o.occurrence)}, {clock(Date.parse(o.occurrence)).slice(0, 5)}.</p>
        <div className="row wrap" style={{ alignItems: "flex-start", gap: "0.75rem" }}>
          <TimeInput label="From" required width="12rem" value={from} onChange={setFrom} />
          <TimeInput label="To" required width="12rem" value={to} onChange={setTo} error={reversed} />
        </div>
        {save.error && <ProblemView error={save.error} />}
        <div className="row"><Button type="submit" loading={save.isPending} disabled={from === undefined || to === undefined || Boolean(reversed)}>Move it</Button><Button variant="default" onClick={onClose}>Keep it</Button></div>
      </form>
    </Modal>
  );
}
