import { Button, TextInput } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import { healthPageQuery, servicePastQuery } from "@/api/health";
import type { ServiceHealth, ServicePast } from "@/api/types";
import { useActions } from "@/app/actions";
import { useCan } from "@/app/session";
import { useUrl } from "@/app/url";
import { DocumentEditor } from "@/components/DocumentEditor";
import { RefLink } from "@/components/RefLink";
import { Show } from "@/components/Query";
import { visible, type Column } from "@/components/table/column";
import { DataTable } from "@/components/table/DataTable";
import { Sheet } from "@/components/table/Sheet";
import { plural } from "@/format/number";
import { StateBadge, StateMark } from "@/ui/Badges";
import { Empty } from "@/ui/Empty";
import { IconSearch } from "@/ui/icons";
import { PageHead } from "@/ui/Panel";
import { Segments } from "@/ui/Segments";
import { TimeAgo } from "@/ui/TimeAgo";
import { template } from "../documents/templates";
import classes from "./Health.module.css";
import { Strip } from "./Strip";
import { percent, ranges, stateWords } from "./words";

const states = ["down", "degraded", "maintenance", "unknown", "ok"];
const loaded = 200;

interface Row extends ServiceHealth {
  past?: ServicePast;
}

/** How every business service and site stands, the worst first. */
export default function Health() {
  const can = useCan();
  const navigate = useNavigate();
  const [search, setUrl] = useUrl();
  const narrow = Boolean(useMediaQuery("(max-width: 48rem)", false, { getInitialValueInEffect: false }));
  const kind = search.tab === "site" ? "site" : "service";
  const hours = Number(ranges.find((r) => r.value === search.hops)?.value ?? 24);
  const [limit, setLimit] = useState(loaded);
  const [making, setMaking] = useState(false);
  const query = useQuery(healthPageQuery({ kind, state: search.view, q: search.q, limit: String(limit) }));
  const minute = Math.floor(Date.now() / 60_000);
  const ids = useMemo(() => (query.data?.items ?? []).slice(0, 200).map((v) => v.id), [query.data]);
  const past = useQuery(servicePastQuery(ids, hours, minute));
  const rows = useMemo(() => {
    const by = new Map((past.data?.items ?? []).map((p) => [p.id, p]));
    return (query.data?.items ?? []).map((v): Row => ({ ...v, past: by.get(v.id) }));
  }, [query.data, past.data]);
  const to = (minute + 1) * 60_000, from = to - hours * 3_600_000;
  const label = ranges.find((r) => Number(r.value) === hours)!.label;
  const columns: Column<Row>[] = [
    { id: "state", label: "State", width: "7.5rem", narrow: true, compact: { width: "1.125rem", cell: (v) => <StateMark state={v.state} /> }, cell: (v) => <StateBadge state={v.state} />, text: (v) => v.state },
    { id: "name", label: kind === "site" ? "Site" : "Service", width: "minmax(9rem, 1.2fr)", narrow: true, cell: (v) => <span title={v.name}>{v.name}</span>, text: (v) => v.name },
    { id: "causes", label: "Because of", width: "minmax(8rem, 1.2fr)", cell: (v) => v.causes.length ? <>{v.causes.slice(0, 2).map((c, i) => <span key={c.item}>{i > 0 && ", "}<RefLink kind="item" id={c.item}>{c.name}</RefLink></span>)}{v.causes.length > 2 && <span className="dim"> and {v.causes.length - 2} more</span>}</> : <span className="dim">–</span>, text: (v) => v.causes.map((c) => c.name).join(", ") },
    { id: "strip", label, width: "minmax(8rem, 1.6fr)", cell: (v) => <Strip past={v.past} from={from} to={to} />, text: () => "" },
    { id: "availability", label: "Available", width: "5.5rem", align: "right", narrow: true, cell: (v) => percent(v.past?.figures.availability), text: (v) => v.past?.figures.availability },
    { id: "since", label: "Since", width: "5rem", align: "right", cell: (v) => <TimeAgo at={v.since} bare />, text: (v) => v.since },
  ];
  const why = can("alerts:write") ? undefined : "Your role may not write rules of service health";
  useActions([{ id: "health-rule", label: "Write a rule of service health", group: "Actions", keys: "c", disabled: why, run: () => setMaking(true) }]);
  const counts = query.data?.states ?? {};
  return (
    <>
      <PageHead title="Service health" sub="How what the business sees stands, from the alerts of everything it needs"
        actions={<Button variant="default" disabled={Boolean(why)} title={why} onClick={() => setMaking(true)}>Write a rule</Button>} />
      <div className={classes.bar} role="toolbar" aria-label="Service health: filters and view">
        <Segments aria-label="What" value={kind} data={[{ value: "service", label: "Services" }, { value: "site", label: "Sites" }]} onChange={(v) => setUrl({ tab: v === "site" ? v : undefined })} />
        <TextInput data-search type="search" aria-label="Filter by name" placeholder="Filter by name" leftSection={<IconSearch size={14} />} value={search.q ?? ""} onChange={(e) => setUrl({ q: e.currentTarget.value || undefined })} style={{ width: "13rem" }} />
        <div className={classes.states} role="group" aria-label="States">
          {states.map((s) => (
            <button key={s} type="button" className={classes.state} aria-pressed={search.view === s} disabled={!counts[s] && search.view !== s} onClick={() => setUrl({ view: search.view === s ? undefined : s })}>
              <StateMark state={s} />{stateWords[s]} <strong>{(counts[s] ?? 0).toLocaleString("en")}</strong>
            </button>
          ))}
        </div>
        <Segments className={classes.right} aria-label="Time of the strips" value={String(hours)} data={ranges} onChange={(v) => setUrl({ hops: v === "24" ? undefined : v })} />
      </div>
      <Show query={query} lines={8}>
        {(d) => (
          <Sheet>
            <DataTable label="Service health" columns={visible(columns, undefined, narrow)} rows={rows} rowKey={(v) => v.id} busy={query.isPlaceholderData}
              onOpen={(v) => void navigate({ to: "/service-health/$id", params: { id: v.id } })} more={Boolean(d.next)} onEnd={() => setLimit((n) => Math.min(1000, n + loaded))}
              total={rows.length ? `${rows.length.toLocaleString("en")} of ${plural(Object.values(d.states).reduce((a, b) => a + b, 0), kind)}` : undefined}
              empty={search.q || search.view ? <Empty title="Nothing matches" action={<Button variant="default" onClick={() => setUrl({ q: undefined, view: undefined })}>Remove the filters</Button>} />
                : <Empty title={kind === "site" ? "No sites yet" : "No business services yet"}>{kind === "site" ? "Items that say at which site they are appear here by site." : "Make an item of the class business service and say what it depends on: its state follows."}</Empty>} />
          </Sheet>
        )}
      </Show>
      <DocumentEditor what={making ? { kind: "ServiceHealth", draft: template("ServiceHealth") } : undefined} why={why} onClose={() => setMaking(false)} />
    </>
  );
}
