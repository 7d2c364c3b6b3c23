import { Button } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useMemo, useRef, useState } from "react";
import { alertsPath, groupsQuery } from "@/api/events";
import { list, type ListParams } from "@/api/lists";
import type { Alert, AlertGroup } from "@/api/types";
import { RefLink } from "@/components/RefLink";
import { TeamName, Person } from "@/components/Names";
import { Show } from "@/components/Query";
import { DataTable } from "@/components/table/DataTable";
import { visible } from "@/components/table/column";
import { plural } from "@/format/number";
import { SeverityBadge, SeverityMark } from "@/ui/Badges";
import { Empty, Loading } from "@/ui/Empty";
import { useLate } from "@/ui/late";
import { levels, wording } from "@/ui/severity";
import { TimeAgo } from "@/ui/TimeAgo";
import { alertColumns } from "./columns";
import classes from "./Groups.module.css";

/** What alerts can be grouped by. */
export const groupings = [
  { value: "service", label: "By service" }, { value: "site", label: "By site" }, { value: "situation", label: "By cause" }, { value: "class", label: "By class" },
  { value: "severity", label: "By severity" }, { value: "team", label: "By team" }, { value: "source", label: "By source" }, { value: "item", label: "By item" }, { value: "state", label: "By state" }, { value: "assignee", label: "By assignee" },
];

/**
 * The groups in the order they are to be shown: those known keep their places,
 * so that nothing jumps while somebody reads; new ones come last.
 */
export function ordered(before: readonly string[], groups: AlertGroup[]): AlertGroup[] {
  const by = new Map(groups.map((g) => [g.value, g]));
  const known = before.filter((v) => by.has(v)).map((v) => by.get(v)!);
  const seen = new Set(before);
  return [...known, ...groups.filter((g) => !seen.has(g.value))];
}

export function Groups({ by, params, open, onOpen, onShow, onAll, selected }: {
  by: string; params: ListParams; open: string[]; onOpen: (open: string[]) => void; onShow: (a: Alert) => void; onAll: (value: string) => void; selected?: string;
}) {
  const query = useQuery(groupsQuery(by, params));
  const stale = useLate(query.isPlaceholderData);
  const order = useRef<{ key: string; values: string[] }>({ key: "", values: [] });
  const [, again] = useState(0);
  const key = JSON.stringify([by, params.q, params.where]);
  const shown = useMemo(() => {
    const groups = query.data?.groups ?? [];
    if (order.current.key !== key && !query.isPlaceholderData) order.current = { key, values: groups.map((g) => g.value) };
    const out = ordered(order.current.values, groups);
    order.current.values = out.map((g) => g.value);
    return out;
  }, [query.data, query.isPlaceholderData, key]);
  const moved = query.data?.groups.some((g, i) => shown[i]?.value !== g.value);
  const toggle = (v: string) => onOpen(open.includes(v) ? open.filter((x) => x !== v) : [...open, v]);
  return (
    <Show query={query} lines={8}>
      {(d) => d.groups.length === 0 ? <Empty good title="No active alerts match" /> : (
        <div className={classes.groups} data-stale={stale || undefined}>
          <div className={classes.summary}>
            <span>{plural(d.total, "group")}, {plural(d.alerts, "active alert")}{d.total > d.groups.length && `; the worst ${d.groups.length.toLocaleString("en")} are shown`}</span>
            {moved && <Button size="compact-xs" variant="default" onClick={() => { order.current.key = ""; again((n) => n + 1); order.current = { key, values: d.groups.map((g) => g.value) }; }}>Worst first again</Button>}
            {open.length > 0 && <Button size="compact-xs" variant="default" onClick={() => onOpen([])}>Close all</Button>}
          </div>
          <ul className={classes.list}>
            {shown.map((g) => (
              <li key={g.value} className={classes.group}>
                <button type="button" className={classes.head} aria-expanded={open.includes(g.value)} onClick={() => toggle(g.value)}>
                  <span className={classes.arrow} aria-hidden="true">{open.includes(g.value) ? "▾" : "▸"}</span>
                  <SeverityMark severity={g.severity} />
                  <span className={classes.name}><Name by={by} group={g} /></span>
                  <Counts group={g} />
                  <span className={classes.since}>since <TimeAgo at={g.since} bare /></span>
                </button>
                {open.includes(g.value) && <Members by={by} group={g} params={params} onShow={onShow} onAll={() => onAll(g.value)} selected={selected} />}
              </li>
            ))}
          </ul>
        </div>
      )}
    </Show>
  );
}

const without: Record<string, string> = { service: "Reaches no service", site: "No site", situation: "In no situation", class: "No known item", team: "No team", item: "No known item", assignee: "Assigned to nobody" };

function Name({ by, group: g }: { by: string; group: AlertGroup }) {
  if (!g.value) return <span className="dim">{without[by] ?? "Without it"}</span>;
  if (by === "severity") return <SeverityBadge severity={g.value} />;
  if (by === "team") return <TeamName id={g.value} />;
  if (by === "assignee") return <Person id={g.value} />;
  if (by === "state") return <>{wording(g.value)}</>;
  return <>{g.label || g.value}</>;
}

function Counts({ group: g }: { group: AlertGroup }) {
  const acked = g.byState.acknowledged ?? 0, held = g.byState.suppressed ?? 0;
  return (
    <span className={classes.counts}>
      {levels.filter((l) => g.bySeverity[l]).map((l) => <span key={l} className={classes.count} title={`${g.bySeverity[l]!.toLocaleString("en")} ${l}`}><SeverityMark severity={l} />{g.bySeverity[l]!.toLocaleString("en")}</span>)}
      <span className={classes.states}>{[acked && `${acked.toLocaleString("en")} acknowledged`, held && `${held.toLocaleString("en")} held back`].filter(Boolean).join(", ")}</span>
    </span>
  );
}

const inside = 20;

/** The worst alerts of an open group. They are read when it is opened. */
function Members({ by, group, params, onShow, onAll, selected }: { by: string; group: AlertGroup; params: ListParams; onShow: (a: Alert) => void; onAll: () => void; selected?: string }) {
  const narrow = Boolean(useMediaQuery("(max-width: 48rem)", false, { getInitialValueInEffect: false }));
  const asked = { q: params.q, where: [...(params.where ?? []), "active=true"], sort: "-severity,-openedAt", limit: inside, extra: { by, ...(group.value ? { value: group.value } : {}) } };
  const query = useInfiniteQuery({ ...list<Alert>("alert", alertsPath, asked), placeholderData: (before) => before });
  if (query.isPending) return <div className={classes.members}><Loading lines={Math.min(4, group.alerts)} /></div>;
  const rows = query.data?.pages[0]?.items ?? [];
  return (
    <div className={classes.members}>
      <DataTable label={`Alerts of ${group.label || group.value || "no group"}`} fit columns={visible(alertColumns, undefined, narrow)} rows={rows} rowKey={(a) => a.id} onOpen={onShow} selected={selected} empty={<Empty title="None any more" />} />
      <div className="row wrap" style={{ padding: "0.375rem 0.75rem" }}>
        <Button size="compact-sm" variant="default" onClick={onAll}>{group.alerts > rows.length ? `Show all ${group.alerts.toLocaleString("en")} as a list` : "Show as a list"}</Button>
        {by === "situation" && group.value && <RefLink kind="situation" id={group.value}>Open the situation</RefLink>}
        {by === "item" && group.value && <RefLink kind="item" id={group.value}>Open the item</RefLink>}
      </div>
    </div>
  );
}
