import { Button, Menu, Progress } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { bulkQuery, startBulk, stopBulk, type AlertFilter, type Deed } from "@/api/events";
import type { BulkRun } from "@/api/types";
import { useCan } from "@/app/session";
import { useDo } from "@/components/toast";
import { DeedForm, type Asked } from "./DeedForm";

/** How far a run is, as a sentence. */
export function progress(run: BulkRun): string {
  const n = (v: number) => v.toLocaleString("en");
  const refused = run.refused ? `, ${n(run.refused)} not: ${run.reason ?? ""}` : "";
  switch (run.state) {
    case "running":
      return `${n(run.done + run.refused)} of ${n(run.total)}`;
    case "done":
      return `Done to ${n(run.done)} of ${n(run.total)}${refused}`;
    default:
      return `${run.state === "stopped" ? "Stopped" : "Broken off"} after ${n(run.done + run.refused)} of ${n(run.total)}${refused}`;
  }
}

/** One thing done to all alerts that match, by the server. */
export function BulkAll({ filter, count }: { filter: AlertFilter; count?: string }) {
  const can = useCan();
  const why = can("alerts:act") ? undefined : "Your role may not act on alerts";
  const [asked, setAsked] = useState<Asked>();
  const [id, setID] = useState<string>();
  const start = useDo({ run: (deed: Deed) => startBulk(deed, filter), touches: [], then: (run) => { setID(run.id); setAsked(undefined); } });
  const all = `all ${count ?? ""} that match`.replace("  ", " ");
  return (
    <>
      <Menu position="bottom-end">
        <Menu.Target><Button variant="default" disabled={Boolean(why)} title={why ?? "Do one thing to all alerts that match the filters, also those further down"}>All that match…</Button></Menu.Target>
        <Menu.Dropdown>
          <Menu.Label>To {all}</Menu.Label>
          <Menu.Item onClick={() => start.mutate({ action: "acknowledge" })}>Acknowledge</Menu.Item>
          {(["snooze", "suppress", "assign", "comment", "link", "clear"] as const).map((a) => <Menu.Item key={a} onClick={() => setAsked(a)}>{a.charAt(0).toUpperCase() + a.slice(1)}…</Menu.Item>)}
        </Menu.Dropdown>
      </Menu>
      {asked && <DeedForm asked={asked} n={Number(count?.replaceAll(/[^0-9]/g, "")) || 0} busy={start.isPending} onClose={() => setAsked(undefined)} onGo={(deed) => start.mutate(deed)} />}
      {id && <Running id={id} onClose={() => setID(undefined)} />}
    </>
  );
}

function Running({ id, onClose }: { id: string; onClose: () => void }) {
  const client = useQueryClient();
  const run = useQuery(bulkQuery(id)).data;
  const stop = useDo({ run: () => stopBulk(id), touches: ["bulk-run"] });
  const running = !run || run.state === "running";
  useEffect(() => { if (!running) for (const kind of ["alert", "situation", "ledger"]) void client.invalidateQueries({ queryKey: [kind] }); }, [running, client]);
  return (
    <span className="row" role="status" aria-label="Bulk action">
      <Progress value={run ? ((run.done + run.refused) / Math.max(1, run.total)) * 100 : 0} style={{ width: "6rem" }} aria-label="Progress" />
      <span className="nowrap">{run ? progress(run) : "Starting…"}</span>
      {running ? <Button size="compact-xs" variant="default" loading={stop.isPending} onClick={() => stop.mutate(undefined)}>Stop</Button> : <Button size="compact-xs" variant="default" onClick={onClose}>Close</Button>}
    </span>
  );
}
