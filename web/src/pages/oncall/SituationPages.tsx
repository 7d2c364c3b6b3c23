import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { actOnPage, situationPagesQuery } from "@/api/oncall";
import type { Delivery, OnCallPageDetail } from "@/api/types";
import { useCan } from "@/app/session";
import { useDo } from "@/components/toast";
import { StateBadge } from "@/ui/Badges";
import { Panel } from "@/ui/Panel";
import { TimeAgo } from "@/ui/TimeAgo";

/** Who was told of a situation, how, and the proof of it. */
export function SituationPages({ id }: { id: string }) {
  const can = useCan();
  const query = useQuery({ ...situationPagesQuery(id), enabled: can("oncall:read") });
  if (!query.data?.length) return null;
  return <Panel title="Who was told">{query.data.map((p) => <OnePage key={p.id} page={p} />)}</Panel>;
}

function OnePage({ page: p }: { page: OnCallPageDetail }) {
  const can = useCan();
  const why = can("oncall:act") ? undefined : "Your role may not work on pages";
  const snooze = useDo({ run: () => actOnPage(p.id, "snooze", { until: new Date(Date.now() + 3_600_000).toISOString() }), done: "Snoozed for an hour", failed: "Not snoozed", touches: ["page"] });
  const over = p.state === "resolved";
  return (
    <div className="stack" style={{ gap: "0.375rem" }}>
      <div className="row wrap">
        <StateBadge state={p.exhausted && p.state === "open" ? "unanswered" : p.state} />
        <span className="grow dim">{p.policy}{p.assigned && `, given to ${p.assigned}`}{p.acknowledgedBy && `, ${p.acknowledgedBy} has it`}</span>
        {!over && <Button size="compact-sm" variant="default" disabled={Boolean(why)} title={why} loading={snooze.isPending} onClick={() => snooze.mutate(undefined)}>Snooze 1 h</Button>}
      </div>
      {p.deliveries.map((d) => <OneDelivery key={d.id} delivery={d} />)}
      {p.deliveries.length === 0 && <p className="dim">Nobody was told yet.</p>}
    </div>
  );
}

export function OneDelivery({ delivery: d }: { delivery: Delivery }) {
  return (
    <details>
      <summary className="row" style={{ cursor: "pointer" }}>
        <StateBadge state={d.state} /><span className="grow cut">{d.name} <span className="dim">by {d.channel}{d.purpose !== "page" && `, ${d.purpose}`}</span></span><span className="dim"><TimeAgo at={d.at} bare /></span>
      </summary>
      <div className="dim" style={{ padding: "0.25rem 0 0.25rem 1rem", overflowWrap: "anywhere" }}>
        <div>{d.why}</div>
        {d.tries.map((t) => <div key={t.at}><TimeAgo at={t.at} />: {t.ok ? "taken" : "refused"}{t.status ? ` (${t.status})` : ""} {t.answer}</div>)}
        {d.tries.length === 0 && d.answer && <div>{d.answer}</div>}
      </div>
    </details>
  );
}
