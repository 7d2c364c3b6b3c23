import { Select, TextInput } from "@mantine/core";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { patternsQuery } from "@/api/logs";
import type { LogPattern } from "@/api/types";
import { useRange } from "@/app/range";
import { useCan } from "@/app/session";
import { useUrl } from "@/app/url";
import { Show } from "@/components/Query";
import { plural } from "@/format/number";
import { exact } from "@/format/time";
import { Empty } from "@/ui/Empty";
import { Panel } from "@/ui/Panel";
import { TimeAgo } from "@/ui/TimeAgo";
import { spark } from "./bars";
import { LogRuleForm } from "./LogRuleForm";
import classes from "./Patterns.module.css";

const against = [
  { value: "", label: "the time just before" },
  { value: "24h", label: "yesterday, same time" },
  { value: "168h", label: "a week ago, same time" },
];
const orders = [
  { value: "count", label: "Most frequent first" },
  { value: "change", label: "What changed first" },
  { value: "firstSeen", label: "Newest first" },
  { value: "rare", label: "Rarest first" },
];
const changes: Record<string, string> = { new: "new", back: "back again", vanished: "vanished", more: "more", less: "less" };

/** What the logs say, by pattern: how often, since when, and what is different from before. */
export function Patterns() {
  const [search, setUrl] = useUrl();
  const { from, to } = useRange();
  const [text, setText] = useState(search.q ?? "");
  const can = useCan();
  const [rule, setRule] = useState<string>();
  const minute = 60_000;
  const start = Math.floor(from / minute) * minute, end = Math.ceil(to / minute) * minute;
  const change = search.where?.[0];
  const query = useQuery({
    ...patternsQuery(start, end, { against: search.compare || undefined, contains: search.q || undefined, change, sort: search.sort ?? "change" }),
    placeholderData: keepPreviousData, retry: false,
  });
  return (
    <>
      <form className={classes.bar} onSubmit={(e) => { e.preventDefault(); setUrl({ q: text.trim() || undefined }, { push: true }); }}>
        <TextInput className={classes.text} data-search type="search" aria-label="Words of the pattern" placeholder="Words of the pattern" value={text} onChange={(e) => setText(e.currentTarget.value)} onBlur={() => setUrl({ q: text.trim() || undefined })} />
        <Select aria-label="Compared with" className={classes.select} data={against} value={search.compare ?? ""} onChange={(v) => setUrl({ compare: v || undefined })} allowDeselect={false} />
        <Select aria-label="Only patterns that" className={classes.select} data={[{ value: "", label: "All patterns" }, ...Object.entries(changes).map(([value, label]) => ({ value, label: `Only ${label}` }))]} value={change ?? ""} onChange={(v) => setUrl({ where: v ? [v] : undefined })} allowDeselect={false} />
        <Select aria-label="Order" className={classes.select} data={orders} value={search.sort ?? "change"} onChange={(v) => setUrl({ sort: v === "change" ? undefined : v ?? undefined })} allowDeselect={false} />
      </form>
      <Panel flush grow>
        <Show query={query} lines={8}>
          {(p) => p.items.length ? (
            <div className={classes.box} tabIndex={0} role="region" aria-label="Patterns of log messages">
              <table className={classes.table}>
                <thead><tr><th>Change</th><th className={classes.number}>Lines</th><th className={classes.number}>Share</th><th className={classes.number}>Before</th><th className={classes.spark}>Over time</th><th>First seen</th><th>Pattern</th></tr></thead>
                <tbody>{p.items.map((t) => <Row key={t.id} pattern={t} total={p.total} onRule={can("checks:write") ? setRule : undefined} />)}</tbody>
              </table>
              <p className={classes.foot}>
                {plural(p.found, "pattern")}{p.found > p.items.length && `, the first ${p.items.length} are shown`}, {plural(p.total, "line")}; compared with {exact(Date.parse(p.against))}.
                {p.stats.skipped > 0 && <> {plural(p.stats.skipped, "line")} since the start have no pattern: there was no time to mine them.</>}
                {p.stats.evicted > 0 && <> {plural(p.stats.evicted, "rare pattern")} were forgotten to stay within the bound.</>}
              </p>
            </div>
          ) : <Empty title="No patterns in this range">{search.q || change ? "Nothing matches; ask for less, or widen the time range." : "Patterns are found as log lines come in. Widen the time range, or send logs."}</Empty>}
        </Show>
      </Panel>
      {rule && <LogRuleForm start={{ pattern: rule }} onClose={() => setRule(undefined)} />}
    </>
  );
}

function Row({ pattern: t, total, onRule }: { pattern: LogPattern; total: number; onRule?: (id: string) => void }) {
  const share = total ? (100 * t.count) / total : 0;
  return (
    <tr>
      <td>{t.change && <span className={classes.change} data-change={t.change}>{changes[t.change]}</span>}</td>
      <td className={classes.number}>{t.count.toLocaleString("en")}</td>
      <td className={classes.number}>{share >= 10 ? share.toFixed(0) : share.toFixed(1)} %</td>
      <td className={classes.number}>{t.before.toLocaleString("en")}</td>
      <td className={classes.spark}><Spark counts={t.buckets} label={`${plural(t.count, "line")}, ${t.before.toLocaleString("en")} before`} /></td>
      <td><TimeAgo at={t.firstSeen} /></td>
      <td className={classes.template}>
        <Link to="/logs" search={(before) => ({ from: before.from, to: before.to, q: t.query })} className="link" title="Show its lines">
          {t.template.split("<*>").map((part, i) => <span key={i}>{i > 0 && <span className={classes.value}>‹…›</span>}{part}</span>)}
        </Link>
        {onRule && <button type="button" className={classes.rule} title="Make a log rule of this pattern" onClick={() => onRule(t.id)}>Make a rule</button>}
      </td>
    </tr>
  );
}

function Spark({ counts, label }: { counts: number[]; label: string }) {
  return (
    <svg className={classes.line} viewBox="0 0 100 20" preserveAspectRatio="none" role="img" aria-label={label}>
      <path d={spark(counts)} />
    </svg>
  );
}
