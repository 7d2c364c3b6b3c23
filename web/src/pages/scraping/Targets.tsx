import { Button, Drawer } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { targetQuery, targetsPath } from "@/api/scraping";
import type { ScrapeTarget } from "@/api/types";
import { useActions } from "@/app/actions";
import { useCan } from "@/app/session";
import { useUrl } from "@/app/url";
import { MetricChart } from "@/components/chart/MetricChart";
import { DocumentEditor, type Edited } from "@/components/DocumentEditor";
import { ItemLink } from "@/components/Names";
import { Show } from "@/components/Query";
import { Quick } from "@/components/Quick";
import type { Column, Filter } from "@/components/table/column";
import { ListView } from "@/components/table/ListView";
import { seconds } from "@/format/number";
import { template } from "@/pages/documents/templates";
import { StateBadge, Tag } from "@/ui/Badges";
import { Empty } from "@/ui/Empty";
import { Facts, PageHead } from "@/ui/Panel";
import { At, TimeAgo } from "@/ui/TimeAgo";
import { selectorOf } from "./selector";

const nowhere = <span className="dim">the document cannot be loaded</span>;

const columns: Column<ScrapeTarget>[] = [
  { id: "health", label: "State", width: "6.5rem", sort: "health", narrow: true, cell: (t) => <StateBadge state={t.health} />, text: (t) => t.health },
  { id: "address", label: "Target", width: "minmax(10rem, 1.6fr)", sort: "address", narrow: true, cell: (t) => (t.address ? <span className="mono" title={t.address}>{t.address}</span> : nowhere), text: (t) => t.address },
  { id: "scrape", label: "Document", width: "minmax(6rem, 0.7fr)", sort: "scrape", cell: (t) => t.scrape, text: (t) => t.scrape },
  { id: "item", label: "Item", width: "minmax(6rem, 0.8fr)", cell: (t) => (t.item ? <ItemLink id={t.item} /> : <span className="dim">not known</span>), text: (t) => t.item },
  { id: "error", label: "Last error", width: "minmax(8rem, 1.6fr)", cell: (t) => <span title={t.error}>{t.error || <span className="dim">none</span>}</span>, text: (t) => t.error },
  { id: "duration", label: "Took", width: "5rem", align: "right", sort: "duration", cell: (t) => (t.scrapedAt ? seconds(t.duration) : <span className="dim">–</span>), text: (t) => t.duration },
  { id: "scrapedAt", label: "Scraped", width: "6rem", align: "right", cell: (t) => <TimeAgo at={t.scrapedAt} />, text: (t) => t.scrapedAt },
];
const filters: Filter[] = [
  { field: "health", label: "State", kind: "choice", choices: ["up", "down", "unknown", "broken"] },
  { field: "scrape", label: "Document", kind: "text" },
  { field: "error", label: "Last error", kind: "text" },
];

/** Everything whose metrics are fetched, and how the last fetch went. */
export default function Targets() {
  const can = useCan();
  const [search, setUrl] = useUrl();
  const [edited, setEdited] = useState<Edited>();
  const why = can("checks:write") ? undefined : "Your role may not declare scrapes";
  const client = useQueryClient();
  useEffect(() => {
    const timer = setInterval(() => { if (!document.hidden) void client.invalidateQueries({ queryKey: ["scrape-target", "list"] }); }, 10_000);
    return () => clearInterval(timer);
  }, [client]);
  const add = () => setEdited({ kind: "Scrape", draft: template("Scrape") });
  useActions([{ id: "scrape-new", label: "Scrape something", group: "Actions", keys: "c", disabled: why, run: add }]);
  const make = <Button disabled={Boolean(why)} title={why} onClick={add}>Scrape something</Button>;
  return (
    <>
      <PageHead title="Scrape targets" sub="Exporters whose metrics are fetched, and how the last fetch went" actions={make} />
      <ListView<ScrapeTarget> kind="scrape-target" path={targetsPath} label="Scrape targets" columns={columns} filters={filters} rowKey={(t) => t.id} defaultSort="scrape"
        onOpen={(t) => setUrl({ show: t.id }, { push: true })} selected={search.show}
        quick={<Quick field="health" label="Which targets" options={[{ label: "All", values: [] }, { label: "Up", values: ["up"] }, { label: "Down", values: ["down", "broken"] }]} />}
        empty={<Empty title="Nothing is scraped yet" action={make}>A Scrape document names exporters, or where they are discovered, in Prometheus' own words.</Empty>} />
      <TargetDrawer id={search.show} onClose={() => setUrl({ show: undefined })} onEdit={(name) => setEdited({ kind: "Scrape", name })} />
      <DocumentEditor what={edited} why={why} onClose={() => setEdited(undefined)} />
    </>
  );
}

function TargetDrawer({ id, onClose, onEdit }: { id: string | undefined; onClose: () => void; onEdit: (name: string) => void }) {
  const query = useQuery({ ...targetQuery(id ?? ""), enabled: Boolean(id) });
  return (
    <Drawer opened={Boolean(id)} onClose={onClose} position="right" size="34rem" title="Scrape target" closeButtonProps={{ "aria-label": "Close" }}>
      {id && (
        <Show query={query} missing="This target is not there (any more)">
          {(t) => !t ? <p className="dim">This target is not there (any more).</p> : (
            <div className="stack">
              <h2 className="mono">{t.address || t.scrape}</h2>
              <div><StateBadge state={t.health} soft /></div>
              <Facts wide rows={[
                ["Last error", t.error],
                ["Document", <Button variant="subtle" size="compact-sm" onClick={() => onEdit(t.scrape)}>{t.scrape}</Button>],
                ["Item", t.item ? <ItemLink id={t.item} /> : "not known: no item has this address or name"],
                ["Scraped", t.scrapedAt ? <><At at={t.scrapedAt} /> <span className="dim">(<TimeAgo at={t.scrapedAt} />, took {seconds(t.duration)})</span></> : "not yet"],
                ["Labels", <span className="row wrap">{Object.entries(t.labels).map(([k, v]) => <Tag key={k}>{k}={v}</Tag>)}</span>],
              ]} />
              {t.address && <>
                <MetricChart title="Up" query={`up${selectorOf(t)}`} height={70} max={1} />
                <MetricChart title="Time a scrape takes" query={`scrape_duration_seconds${selectorOf(t)}`} unit="seconds" height={90} />
                <MetricChart title="Samples of a scrape" query={`scrape_samples_scraped${selectorOf(t)}`} unit="count" height={90} />
              </>}
            </div>
          )}
        </Show>
      )}
    </Drawer>
  );
}
