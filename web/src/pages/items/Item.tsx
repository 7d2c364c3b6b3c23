import { Tabs } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { itemQuery } from "@/api/graph";
import { useHealth } from "@/app/health";
import { useUrl } from "@/app/url";
import { TeamName } from "@/components/Names";
import { Show } from "@/components/Query";
import { exact } from "@/format/time";
import { SeverityBadge, Tag } from "@/ui/Badges";
import { PageHead } from "@/ui/Panel";
import { TimeAgo } from "@/ui/TimeAgo";
import { TimeInput } from "@/ui/TimeInput";
import { ItemDashboard } from "@/pages/dashboards/ItemDashboard";
import { Attributes } from "./Attributes";
import { Charts } from "./Charts";
import { Conditions } from "./Conditions";
import { History } from "./History";
import { Impact } from "./Impact";
import classes from "./Item.module.css";
import { ItemActions } from "./ItemActions";
import { ItemLedger } from "./ItemLedger";
import { Merges } from "./Merges";
import { Relations } from "./Relations";

export default function ItemPage() {
  const { id } = useParams({ from: "/inside/items/$id" });
  const [search, setUrl] = useUrl();
  const query = useQuery(itemQuery(id, search.at));
  const health = useHealth();
  const tab = search.tab ?? "summary";
  return (
    <Show query={query} missing={search.at ? "It was not there at that time" : "There is no such item"}>
      {(i) => {
        const seen = (i.reporters ?? []).map((r) => r.seenAt).sort().at(-1);
        return (
        <>
          <PageHead title={i.name} state={<><Tag>{i.class.replaceAll("_", " ")}</Tag><SeverityBadge severity={health(i.id)} soft />{i.state && i.state !== "active" && <Tag>{i.state}</Tag>}</>}
            sub={<>{seen && <span>seen <TimeAgo at={seen} /></span>}<span>changed <TimeAgo at={i.updatedAt} /></span>{i.team && <span>team <TeamName id={i.team} /></span>}{i.site && <span>{i.site}</span>}{i.criticality && <span>{i.criticality} criticality</span>}</>}
            actions={<>
              <Link to="/map" search={(s) => ({ from: s.from, to: s.to, focus: id, hops: "2" })} className="link">On the map</Link>
              <TimeInput aria-label="As of" placeholder="As of: now" title="Show the item as of this time" width="11rem" value={search.at ? Date.parse(search.at) : undefined} onChange={(t) => setUrl({ at: t === undefined ? undefined : new Date(t).toISOString() })} />
              {!search.at && <ItemActions item={i} />}
            </>} />
          {search.at && <p className={classes.asOf} role="status">As of {exact(Date.parse(search.at))}. <button type="button" onClick={() => setUrl({ at: undefined })}>Back to now</button></p>}
          <Tabs value={tab} onChange={(t) => setUrl({ tab: t === "summary" || !t ? undefined : t })} keepMounted={false} className={classes.tabs}>
            <Tabs.List>
              <Tabs.Tab value="summary">Summary</Tabs.Tab>
              <Tabs.Tab value="dashboard">Dashboard</Tabs.Tab>
              <Tabs.Tab value="charts">Charts</Tabs.Tab>
              <Tabs.Tab value="relations">Relations</Tabs.Tab>
              <Tabs.Tab value="impact">Impact</Tabs.Tab>
              <Tabs.Tab value="history">History</Tabs.Tab>
              <Tabs.Tab value="ledger">Timeline</Tabs.Tab>
            </Tabs.List>
            <Tabs.Panel value="summary"><div className={classes.split}><Attributes item={i} past={Boolean(search.at)} /><div className="stack"><Conditions id={id} /><Relations id={i.id} name={i.name} at={search.at} brief /><Merges id={i.id} /></div></div></Tabs.Panel>
            <Tabs.Panel value="dashboard"><ItemDashboard id={id} cls={i.class} /></Tabs.Panel>
            <Tabs.Panel value="charts"><Charts id={i.id} former={i.formerIds ?? []} /></Tabs.Panel>
            <Tabs.Panel value="relations"><Relations id={i.id} name={i.name} at={search.at} /></Tabs.Panel>
            <Tabs.Panel value="impact"><Impact id={id} /></Tabs.Panel>
            <Tabs.Panel value="history"><History id={id} /></Tabs.Panel>
            <Tabs.Panel value="ledger"><ItemLedger id={id} /></Tabs.Panel>
          </Tabs>
        </>
        );
      }}
    </Show>
  );
}
