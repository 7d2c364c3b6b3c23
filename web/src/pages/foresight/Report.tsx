import { NativeSelect } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { reportQuery, reportsQuery } from "@/api/foresight";
import { useUrl } from "@/app/url";
import { Show } from "@/components/Query";
import { PageHead, Panel } from "@/ui/Panel";
import { TimeAgo } from "@/ui/TimeAgo";

/** The weekly report, and the one of now. */
export default function Report() {
  const [search, setUrl] = useUrl();
  const week = search.show ?? "now";
  const list = useQuery(reportsQuery);
  const query = useQuery(reportQuery(week));
  return (
    <>
      <PageHead title="Capacity report" sub="What may be full within 90 days; a report is kept every Monday"
        actions={<NativeSelect aria-label="Week" value={week} data={[{ value: "now", label: "Now" }, ...(list.data ?? []).map((r) => ({ value: r.week, label: r.week }))]} onChange={(e) => setUrl({ show: e.currentTarget.value === "now" ? undefined : e.currentTarget.value })} />} />
      <Show query={query} lines={10}>{(r) => (
        <Panel title={r.summary} hint={<TimeAgo at={r.at} />}>
          <pre className="mono" tabIndex={0} style={{ overflowX: "auto", margin: 0 }}>{r.markdown}</pre>
        </Panel>
      )}</Show>
    </>
  );
}
