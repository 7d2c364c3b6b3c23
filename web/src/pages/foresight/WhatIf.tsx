import { MultiSelect, NumberInput, Select } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { whatIfQuery, type Question } from "@/api/foresight";
import type { BandPoint, CapacityRest, ThingDetail } from "@/api/types";
import { ItemPicker } from "@/components/ItemPicker";
import { ItemLink } from "@/components/Names";
import { Show } from "@/components/Query";
import { withUnit } from "@/format/number";
import { StateBadge } from "@/ui/Badges";
import { Facts, Panel } from "@/ui/Panel";
import classes from "./WhatIf.module.css";
import { Fan } from "./Fan";
import { nearness, onDay } from "./words";

type Who = "alone" | "site" | "service" | "pool";

/** What would be if use grew, or if some of those that share the load were lost. */
export function WhatIf({ thing: t }: { thing: ThingDetail }) {
  const [who, setWho] = useState<Who>("alone");
  const [service, setService] = useState("");
  const [grow, setGrow] = useState(0);
  const [lose, setLose] = useState(0);
  const [lost, setLost] = useState<string[]>([]);
  const [spread, setSpread] = useState<"capacity" | "equally">("capacity");
  const shared: Question = { pool: t.pool, ...(who === "alone" ? { id: [t.id] } : who === "site" ? { site: t.site } : who === "service" ? { service } : {}) };
  const ready = who !== "service" || service !== "";
  const members = useQuery({ ...whatIfQuery(shared), enabled: who !== "alone" && ready });
  const asked = ready && (grow !== 0 || lose !== 0 || lost.length > 0 || who !== "alone");
  const answer = useQuery({ ...whatIfQuery({ ...shared, grow, lose, lost, spread }), enabled: asked });
  const names = who === "alone" ? [] : members.data?.nodes ?? [];
  const change = (w: Who) => { setWho(w); setLost([]); setLose(0); };
  return (
    <Panel title="What if" hint="taken together, as what shares the load">
      <div className={classes.form}>
        <Select label="Shared by" allowDeselect={false} value={who} onChange={(v) => change(v as Who)}
          data={[{ value: "alone", label: "this alone" }, ...(t.site ? [{ value: "site", label: `${t.pool} in ${t.site}` }] : []), { value: "service", label: "what a service or cluster needs" }, { value: "pool", label: `all of ${t.pool}` }]} />
        {who === "service" && <ItemPicker label="Service or cluster" value={service} onChange={(id) => { setService(id); setLost([]); }} />}
        <NumberInput label="Use grows by, %" value={grow} min={-100} max={10000} step={10} onChange={(v) => setGrow(Number(v) || 0)} />
        {who !== "alone" && <>
          <MultiSelect label="Lost" placeholder={lost.length ? undefined : "Name what is lost"} searchable clearable hidePickedOptions limit={50} nothingFoundMessage="None of those that share the load" data={names.map((n) => ({ value: n.id, label: n.name }))} value={lost} onChange={setLost} />
          <NumberInput label="And the greatest" value={lose} min={0} max={500} onChange={(v) => setLose(Number(v) || 0)} />
          <Select label="The rest shares it" allowDeselect={false} value={spread} onChange={(v) => setSpread(v as "capacity" | "equally")} data={[{ value: "capacity", label: "by capacity" }, { value: "equally", label: "equally" }]} />
        </>}
      </div>
      {asked && <Show query={answer} lines={4}>{(a) => { const overflowing = a.rest.filter((r) => !r.fits).length; return <>
        <Facts rows={[
          ["Taken together", a.members.length], ["Used", `${withUnit(a.then.used, t.unit)} of ${withUnit(a.then.capacity, t.unit)}`], ["That is", withUnit(a.then.share, "ratio")],
          ["Fits", !a.then.fits ? "no" : overflowing ? `together, but not on ${overflowing} of those that remain` : "yes"], ["Full on", onDay(a.then.likely) ?? "not within the forecast"], ["Before", onDay(a.now.likely) ?? "not within the forecast"],
          a.lost.length > 0 && ["Lost", a.lost.join(", ")], a.leftOut > 0 && ["Too young to count", a.leftOut],
        ]} />
        {a.rest.length > 0 && <Remaining rest={a.rest} unit={t.unit} out={a.restOut} />}
        <Fan history={a.history} forecast={a.then.forecast as BandPoint[]} full={a.then.full} unit={t.unit} />
      </>; }}</Show>}
    </Panel>
  );
}

/** Each of those that remain, what is full first on top. */
function Remaining({ rest, unit, out }: { rest: CapacityRest[]; unit: ThingDetail["unit"]; out: number }) {
  return (
    <div className={classes.rest} tabIndex={0} role="region" aria-label="Those that remain">
      <table>
        <thead><tr><th>Remains</th><th>State</th><th className={classes.right}>Takes over</th><th className={classes.right}>Then used</th><th className={classes.right}>Full on</th><th className={classes.right}>Before</th></tr></thead>
        <tbody>{rest.map((r) => (
          <tr key={r.id}>
            <td>{r.item ? <ItemLink id={r.item} name={r.itemName} /> : r.title} {r.item && <span className="dim">{r.title}</span>}</td>
            <td><StateBadge state={r.fits ? nearness(r.then, Date.now()) : "critical"} soft /></td>
            <td className={classes.right}>{withUnit(r.moved, unit)}</td>
            <td className={classes.right}>{withUnit(r.share, "ratio")}</td>
            <td className={classes.right}>{r.fits ? onDay(r.then.likely) ?? "not soon" : "at once"}</td>
            <td className={classes.right}>{onDay(r.now.likely) ?? "not soon"}</td>
          </tr>
        ))}</tbody>
      </table>
      {out > 0 && <p className="dim">{out} more remain, with less used.</p>}
    </div>
  );
}
