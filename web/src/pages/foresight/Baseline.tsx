import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useParams } from "@tanstack/react-router";
import { useState } from "react";
import { baselineSeriesQuery, baselinesQuery } from "@/api/foresight";
import type { Baseline, BaselineSeries } from "@/api/types";
import { useCan } from "@/app/session";
import { useUrl } from "@/app/url";
import { MetricChart } from "@/components/chart/MetricChart";
import { DocumentEditor } from "@/components/DocumentEditor";
import { ItemLink } from "@/components/Names";
import { Show } from "@/components/Query";
import type { Column } from "@/components/table/column";
import { DataTable } from "@/components/table/DataTable";
import { count, unitOf, withUnit } from "@/format/number";
import { StateBadge } from "@/ui/Badges";
import { Empty } from "@/ui/Empty";
import { Facts, PageHead, Panel } from "@/ui/Panel";
import { TimeAgo } from "@/ui/TimeAgo";
import { anomalySentence, baselineState, selectorOf, seriesName } from "./words";

export default function BaselinePage() {
  const { name } = useParams({ from: "/inside/baselines/$name" });
  const query = useQuery(baselinesQuery);
  return <Show query={query}>{(list) => {
    const found = list.find((b) => b.name === name);
    return found ? <View baseline={found} /> : <Empty title="There is no such baseline" />;
  }}</Show>;
}

const columns: Column<BaselineSeries>[] = [
  { id: "series", label: "Series", width: "minmax(9rem, 2fr)", narrow: true, cell: (s) => <span title={seriesName(s)}>{seriesName(s)}</span>, text: seriesName },
  { id: "item", label: "Item", width: "minmax(6rem, 1fr)", cell: (s) => <ItemLink id={s.item} />, text: (s) => s.item },
  { id: "value", label: "Value", width: "5.5rem", align: "right", narrow: true, cell: (s) => withUnit(s.value, unitOf(s.labels.__name__ ?? "")), text: (s) => s.value },
  { id: "usual", label: "Usual", width: "9rem", align: "right", cell: (s) => s.low === undefined || s.high === undefined ? <span className="dim">learning</span> : `${count(s.low)} to ${count(s.high)}`, text: (s) => `${s.low} ${s.high}` },
  { id: "anomaly", label: "Newest anomaly", width: "7.5rem", align: "right", narrow: true, cell: (s) => s.anomaly ? <TimeAgo at={s.anomaly.at} /> : <span className="dim">none</span>, text: (s) => s.anomaly?.at },
];

function View({ baseline: b }: { baseline: Baseline }) {
  const can = useCan();
  const navigate = useNavigate();
  const [search, setUrl] = useUrl();
  const [editing, setEditing] = useState(false);
  const series = useQuery(baselineSeriesQuery(b.name));
  const why = can("checks:write") ? undefined : "Your role may not change baselines";
  const shown = series.data?.find((s) => s.id === search.show) ?? series.data?.[0];
  return (
    <>
      <PageHead title={b.name} state={<StateBadge state={baselineState(b)} soft />} sub={<>{b.spec.description && <span>{b.spec.description}</span>}<span>looked at <TimeAgo at={b.round.at} /></span></>}
        actions={<Button variant="default" onClick={() => setEditing(true)}>YAML</Button>} />
      <div className="stack">
        {b.round.error && <Panel title="The last round did not go"><p role="status">{b.round.error}</p></Panel>}
        {shown && <Panel title={seriesName(shown)}>
          <MetricChart title="Value, and what is usual at this time" query={shown.labels.__name__ ? `${shown.labels.__name__}${selectorOf(shown.labels)}` : b.spec.expr} unit={unitOf(shown.labels.__name__ ?? "")} height={220}
            band={{ low: `mainstay_baseline_low${recorded(b, shown)}`, high: `mainstay_baseline_high${recorded(b, shown)}`, score: `mainstay_anomaly_score${recorded(b, shown)}` }} />
          {shown.anomaly && <p>{anomalySentence(shown.anomaly)} <span className="dim"><TimeAgo at={shown.anomaly.at} /></span></p>}
        </Panel>}
        <Panel title="Series" count={series.data?.length} flush>
          <Show query={series} lines={3}>{(list) => <DataTable label="Series of the baseline" columns={columns} rows={list} rowKey={(s) => s.id} selected={shown?.id} onOpen={(s) => setUrl({ show: s.id })} fit
            empty={<Empty title="It has seen no series yet">They appear with the next round, every {b.spec.step ?? "5m"}.</Empty>} />}</Show>
        </Panel>
        <Panel title="About"><Facts wide rows={[["Watches", <code className="mono">{b.spec.expr}</code>], ["Every", b.spec.step ?? "5m"], ["Series left out", b.round.leftOut]]} /></Panel>
      </div>
      <DocumentEditor what={editing ? { kind: "Baseline", name: b.name } : undefined} why={why} onClose={() => setEditing(false)} onGone={() => void navigate({ to: "/baselines" })} />
    </>
  );
}

const recorded = (b: Baseline, s: BaselineSeries) => {
  const { __name__, ...labels } = s.labels;
  return selectorOf({ ...labels, baseline: b.name, ...(__name__ ? { metric: __name__ } : {}) });
};
