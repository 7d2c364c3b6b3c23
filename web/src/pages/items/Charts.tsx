import { TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { metricNamesQuery } from "@/api/telemetry";
import { MetricChart } from "@/components/chart/MetricChart";
import chart from "@/components/chart/MetricChart.module.css";
import { Show } from "@/components/Query";
import { unitOf } from "@/format/number";
import { chartOf, ofItem } from "@/pages/metrics";
import { Empty } from "@/ui/Empty";
import { Panel } from "@/ui/Panel";

const first = 24;

/** Metric families, the part of the name before the second underscore, in a stable order. */
export function families(names: string[]): [family: string, names: string[]][] {
  const groups = new Map<string, string[]>();
  for (const n of [...names].sort()) {
    if (/_(bucket|count|sum)$/.test(n)) continue;
    const family = n.split("_").slice(0, 2).join(" ");
    groups.set(family, [...(groups.get(family) ?? []), n]);
  }
  // What the host itself does comes before its processes and Mainstay's own figures.
  const rank = (family: string) => (family.startsWith("system") ? 0 : family.startsWith("mainstay check") ? 1 : family.startsWith("mainstay") ? 3 : 2);
  return [...groups.entries()].sort(([a], [b]) => rank(a) - rank(b) || a.localeCompare(b));
}

/** Every series of the item, drawn by what its name says it is. */
export function Charts({ id, former }: { id: string; former?: string[] }) {
  const matcher = ofItem(id, former);
  const query = useQuery(metricNamesQuery(matcher));
  const [text, setText] = useState("");
  const [bound, setBound] = useState(first);
  return (
    <Show query={query}>
      {(names) => {
        if (!names.length) return <Panel><Empty title="Nothing is measured of it">Series with the label <code>item</code> of this item appear here: from agents, checks, OTLP or remote write.</Empty></Panel>;
        const wanted = names.filter((n) => n.includes(text.trim().replaceAll(" ", "_")));
        let left = bound;
        return (
          <div className="stack">
            <TextInput data-search type="search" aria-label="Filter charts" placeholder={`Filter ${names.length} metrics`} value={text} onChange={(e) => setText(e.currentTarget.value)} style={{ maxWidth: "18rem" }} />
            {families(wanted).map(([family, members]) => {
              const shown = members.slice(0, Math.max(left, 0));
              left -= shown.length;
              return shown.length ? (
                <Panel key={family} title={family.charAt(0).toUpperCase() + family.slice(1)} count={members.length}>
                  <div className={chart.grid}>{shown.map((n) => <MetricChart key={n} {...chartOf(n, matcher, unitOf(n))} />)}</div>
                </Panel>
              ) : null;
            })}
            {left < 0 || wanted.length > bound ? <button type="button" className="link" style={{ all: "unset", cursor: "pointer", textDecoration: "underline" }} onClick={() => setBound(bound + first)}>Show more of {wanted.length}</button> : null}
          </div>
        );
      }}
    </Show>
  );
}
