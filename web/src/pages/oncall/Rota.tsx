import { Button, Modal, Select, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useParams } from "@tanstack/react-router";
import { useState } from "react";
import { makeOverride, removeOverride, rotaCalendar, rotasQuery, scheduleQuery } from "@/api/oncall";
import { usersQuery } from "@/api/platform";
import { useActions } from "@/app/actions";
import { useCan } from "@/app/session";
import { ConfirmButton } from "@/components/ConfirmButton";
import { Copy } from "@/components/Copy";
import { DocumentEditor } from "@/components/DocumentEditor";
import { ProblemView } from "@/components/ProblemView";
import { Show } from "@/components/Query";
import { useDo } from "@/components/toast";
import { Empty } from "@/ui/Empty";
import { Columns, Facts, PageHead, Panel } from "@/ui/Panel";
import { At } from "@/ui/TimeAgo";
import { TimeInput } from "@/ui/TimeInput";
import { Schedule } from "./Schedule";
import classes from "./OnCall.module.css";

/** Thirty days around now: what duty amounts to. */
const month = () => {
  const d = new Date();
  d.setHours(0, 0, 0, 0);
  return [new Date(d.getTime() - 30 * 86_400_000).toISOString(), new Date(d.getTime() + 60 * 86_400_000).toISOString()] as const;
};

export default function RotaPage() {
  const { name } = useParams({ strict: false }) as { name: string };
  const can = useCan();
  const navigate = useNavigate();
  const query = useQuery(rotasQuery);
  const [period] = useState(month);
  const schedule = useQuery(scheduleQuery(name, ...period));
  const [editing, setEditing] = useState(false);
  const [swap, setSwap] = useState<{ from: number; to: number; override?: string }>();
  const why = can("oncall:act") ? undefined : "Your role may not change who is on call";
  const whole = can("oncall:write") ? undefined : "Your role may not change rotas";
  const hour = () => Math.ceil(Date.now() / 3_600_000) * 3_600_000;
  useActions([{ id: "override-new", label: "Put somebody else on call", group: "Actions", keys: "c", disabled: why, run: () => setSwap({ from: hour(), to: hour() + 28_800_000 }) }]);
  const calendar = useDo({ run: () => rotaCalendar(name), touches: [], failed: "No address was made" });
  const back = useDo({ run: (o: string) => removeOverride(name, o), done: "The override was taken back", touches: ["rota"] });
  return (
    <Show query={query} lines={6}>
      {(list) => {
        const r = list.find((x) => x.name === name);
        if (!r) return <Empty title="This rota is not there (any more)" />;
        return (
          <div className="stack">
            <PageHead title={r.title || r.name} sub={<span>{r.timeZone}</span>} actions={<>
              <Button disabled={Boolean(why)} title={why} onClick={() => setSwap({ from: hour(), to: hour() + 28_800_000 })}>Override</Button>
              <Button variant="default" onClick={() => calendar.mutate(undefined)} loading={calendar.isPending}>Calendar address</Button>
              <Button variant="default" onClick={() => setEditing(true)}>Edit</Button>
            </>} />
            {calendar.data && <Panel title="Calendar address"><p>Subscribe to it in any calendar. Whoever knows it can read this rota; it is shown this once, and one you made before ends.</p><Copy value={calendar.data.url} label="Copy the address" /></Panel>}
            <Schedule rota={name} onPick={why ? undefined : (s) => setSwap({ from: s.from, to: s.to, override: s.override })} />
            <Columns
              main={<Panel title="Overrides" count={schedule.data?.overrides.length} flush>
                <Show query={schedule} lines={3}>
                  {(s) => s.overrides.length === 0 ? <Empty title="No overrides">An override puts one person on call instead of another, once. Pick a shift above, or use the button.</Empty> : (
                    <div className={classes.scroll}><table className={classes.table}><tbody>
                      {s.overrides.map((o) => <tr key={o.name}><td>{s.people[o.person] ?? o.person}</td><td><At at={o.from} /> – <At at={o.to} /></td><td className="dim">{o.reason}</td><td className="dim">{o.createdBy}</td>
                        <td data-n><ConfirmButton size="compact-sm" question="The layers count again." yes="Take it back" why={why} onYes={() => back.mutate(o.name)}>Take back</ConfirmButton></td></tr>)}
                    </tbody></table></div>
                  )}
                </Show>
              </Panel>}
              side={<>
                <Panel title="Now"><Facts wide rows={[
                  ["On call", r.now ? <strong>{r.nowName}</strong> : <span style={{ color: "var(--major)" }}>nobody</span>], ["Until", r.now && <At at={r.now.to} />],
                  ["Next", r.next && <>{r.nextName} from <At at={r.next.from} /></>], r.gap ? ["First gap", <><At at={r.gap.from} /> – <At at={r.gap.to} /></>] : false,
                ]} /></Panel>
                <Panel title="Hours" hint="30 days back, 60 ahead" flush><Show query={schedule} lines={3}>{(s) => (
                  <div className={classes.scroll}><table className={classes.table}><thead><tr><th>Person</th><th data-n>Hours</th><th data-n>Night</th><th data-n>Weekend</th></tr></thead><tbody>
                    {s.loads.map((l) => <tr key={l.person}><td>{s.people[l.person] ?? l.person}</td><td data-n>{Math.round(l.hours)}</td><td data-n>{Math.round(l.nightHours)}</td><td data-n>{Math.round(l.weekendHours)}</td></tr>)}
                  </tbody></table></div>
                )}</Show></Panel>
              </>}
            />
            {swap && <Swap rota={name} at={swap} onClose={() => setSwap(undefined)} />}
            <DocumentEditor what={editing ? { kind: "Rota", name } : undefined} why={whole} onClose={() => setEditing(false)} onGone={() => void navigate({ to: "/on-call" })} />
          </div>
        );
      }}
    </Show>
  );
}

function Swap({ rota, at, onClose }: { rota: string; at: { from: number; to: number }; onClose: () => void }) {
  const users = useQuery(usersQuery);
  const [person, setPerson] = useState<string | null>(null);
  const [from, setFrom] = useState<number | undefined>(at.from);
  const [to, setTo] = useState<number | undefined>(at.to);
  const [reason, setReason] = useState("");
  const save = useDo({ run: () => makeOverride(rota, { person: person!, from: new Date(from!).toISOString(), to: new Date(to!).toISOString(), reason: reason || undefined }), done: "The rota was overridden", failed: "Not overridden", touches: ["rota"], then: onClose });
  const ready = person && from !== undefined && to !== undefined && from < to;
  return (
    <Modal opened onClose={onClose} title="Put somebody else on call" closeButtonProps={{ "aria-label": "Close" }}>
      <form className="stack" onSubmit={(e) => { e.preventDefault(); if (ready) save.mutate(undefined); }}>
        <Select label="Who takes over" required searchable data-autofocus data={(users.data?.items ?? []).filter((u) => u.kind === "user" && u.active).map((u) => ({ value: u.username, label: u.name }))} value={person} onChange={setPerson} />
        <div className="row wrap"><TimeInput label="From" required width="12rem" value={from} onChange={setFrom} /><TimeInput label="To" required width="12rem" value={to} onChange={setTo} /></div>
        <TextInput label="Reason" maxLength={500} value={reason} onChange={(e) => setReason(e.currentTarget.value)} />
        {save.error && <ProblemView error={save.error} />}
        <Button type="submit" disabled={!ready} loading={save.isPending}>Override</Button>
      </form>
    </Modal>
  );
}
