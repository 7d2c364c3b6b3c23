import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { thingQuery } from "@/api/foresight";
import type { ThingDetail } from "@/api/types";
import { ItemLink } from "@/components/Names";
import { Show } from "@/components/Query";
import { withUnit } from "@/format/number";
import { StateBadge } from "@/ui/Badges";
import { Columns, Facts, PageHead, Panel } from "@/ui/Panel";
import { TimeAgo } from "@/ui/TimeAgo";
import { Fan } from "./Fan";
import { WhatIf } from "./WhatIf";
import { fullSentence, nearness, onDay, young } from "./words";

export default function ThingPage() {
  const { id } = useParams({ from: "/inside/capacity/$id" });
  const query = useQuery(thingQuery(id));
  return <Show query={query} missing="This is not watched (any more)">{(t) => <View thing={t} />}</Show>;
}

function View({ thing: t }: { thing: ThingDetail }) {
  return (
    <>
      <PageHead title={t.itemName ? `${t.itemName}: ${t.title}` : t.title} state={<StateBadge state={nearness(t, Date.now())} soft />} sub={<><span>{young(t, Date.now()) && !t.earliest ? "When it is full is not known yet: a forecast needs some days of history." : fullSentence(t)}</span><span>forecast <TimeAgo at={t.updatedAt} /></span></>} />
      <Columns
        main={<>
          <Panel title="History and forecast"><Fan history={t.history} forecast={t.forecast} full={t.full} unit={t.unit} /></Panel>
          <WhatIf thing={t} />
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
