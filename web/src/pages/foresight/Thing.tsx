import { NumberInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { useState } from "react";
import { thingQuery, whatIfQuery } from "@/api/foresight";
import type { BandPoint, ThingDetail } from "@/api/types";
import { ItemLink } from "@/components/Names";
import { Show } from "@/components/Query";
import { withUnit } from "@/format/number";
import { StateBadge } from "@/ui/Badges";
import { Columns, Facts, PageHead, Panel } from "@/ui/Panel";
import { TimeAgo } from "@/ui/TimeAgo";
import { Fan } from "./Fan";
import { fullSentence, nearness, onDay } from "./words";

export default function ThingPage() {
  const { id } = useParams({ from: "/inside/capacity/$id" });
  const query = useQuery(thingQuery(id));
  return <Show query={query} missing="This is not watched (any more)">{(t) => <View thing={t} />}</Show>;
}

function View({ thing: t }: { thing: ThingDetail }) {
  const [grow, setGrow] = useState(0);
  const [lose, setLose] = useState(0);
  const [all, setAll] = useState(false);
  const asked = grow !== 0 || lose !== 0 || all;
  const answer = useQuery({ ...whatIfQuery({ pool: t.pool, grow, lose, ...(all ? { site: t.site } : { id: [t.id] }) }), enabled: asked });
  return (
    <>
      <PageHead title={t.itemName ? `${t.itemName}: ${t.title}` : t.title} state={<StateBadge state={nearness(t, Date.now())} soft />} sub={<><span>{fullSentence(t)}</span><span>forecast <TimeAgo at={t.updatedAt} /></span></>} />
      <Columns
        main={<>
          <Panel title="History and forecast"><Fan history={t.history} forecast={t.forecast} full={t.full} unit={t.unit} /></Panel>
          <Panel title="What if" hint="taken together, as what shares the load">
            <div className="row" style={{ flexWrap: "wrap", gap: "1rem", alignItems: "end" }}>
              <NumberInput label="Use grows by, %" value={grow} min={-100} max={10000} step={10} onChange={(v) => setGrow(Number(v) || 0)} w="9rem" />
              <NumberInput label="Greatest lost" value={lose} min={0} max={500} onChange={(v) => { setLose(Number(v) || 0); if (Number(v) > 0) setAll(true); }} w="9rem" />
              <label className="row"><input type="checkbox" checked={all} onChange={(e) => { setAll(e.target.checked); if (!e.target.checked) setLose(0); }} /> {t.site ? `all of ${t.pool} in ${t.site}` : `all of ${t.pool}`}</label>
            </div>
            {asked && <Show query={answer} lines={4}>{(a) => <>
              <Facts rows={[
                ["Taken together", a.members.length], ["Used", `${withUnit(a.then.used, t.unit)} of ${withUnit(a.then.capacity, t.unit)}`], ["That is", withUnit(a.then.share, "ratio")],
                ["Fits", a.then.fits ? "yes" : "no"], ["Full on", onDay(a.then.likely) ?? "not within the forecast"], ["Before", onDay(a.now.likely) ?? "not within the forecast"],
                a.lost.length > 0 && ["Lost", a.lost.join(", ")], a.leftOut > 0 && ["Too young to count", a.leftOut],
              ]} />
              <Fan history={a.history} forecast={a.then.forecast as BandPoint[]} full={a.then.full} unit={t.unit} />
            </>}</Show>}
          </Panel>
        </>}
        side={<Panel title="About">
          <Facts wide rows={[
            ["Item", <ItemLink id={t.item} name={t.itemName} />], ["Site", t.site], ["Pool", t.pool], ["Used", `${withUnit(t.used, t.unit)} of ${withUnit(t.capacity, t.unit)}`], ["Share", withUnit(t.share, "ratio")],
            ["Grows a day by", withUnit(t.slope, t.unit)], ["Earliest", onDay(t.earliest)], ["Likely", onDay(t.likely)], ["Latest", onDay(t.latest)], ["Forecast until", onDay(t.horizon)],
          ]} />
        </Panel>}
      />
    </>
  );
}
