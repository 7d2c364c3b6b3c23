import { Button, Checkbox, Modal, Select, Tabs, Textarea, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { coveredQuery, planMaintenance } from "@/api/monitor";
import { teamsQuery } from "@/api/platform";
import type { WindowItems } from "@/api/types";
import { ItemLink } from "@/components/Names";
import { ItemPicker } from "@/components/ItemPicker";
import { ProblemView } from "@/components/ProblemView";
import { useDo } from "@/components/toast";
import { plural } from "@/format/number";
import { Mark } from "@/ui/Mark";
import { TimeInput } from "@/ui/TimeInput";

const repeats = [{ value: "", label: "Once" }, { value: "FREQ=DAILY", label: "Every day" }, { value: "FREQ=WEEKLY", label: "Every week" }, { value: "FREQ=MONTHLY", label: "Every month" }];
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;

/** A window by hand: when, and which items, counted while they are chosen. */
export function PlanMaintenance({ onClose }: { onClose: () => void }) {
  const teams = useQuery(teamsQuery);
  const [name, setName] = useState("");
  const [reason, setReason] = useState("");
  const [by, setBy] = useState<string | null>("selector");
  const [selector, setSelector] = useState("");
  const [item, setItem] = useState("");
  const [below, setBelow] = useState(false);
  const [team, setTeam] = useState<string | null>(null);
  const [recurrence, setRecurrence] = useState("");
  const [from, setFrom] = useState<number | undefined>(() => Math.floor(Date.now() / 60_000) * 60_000);
  const [to, setTo] = useState<number | undefined>(() => Math.floor(Date.now() / 60_000) * 60_000 + 2 * 3_600_000);
  const reversed = from !== undefined && to !== undefined && from >= to ? "It must end after it starts" : undefined;
  const what: WindowItems = by === "all" ? { all: true } : by === "item" ? { items: item ? [item] : [] } : { selector: selector.trim() };
  if (below && !what.all) what.below = true;
  const chosen = Boolean(what.all || what.items?.length || what.selector);
  const save = useDo({
    run: () => planMaintenance({ name: name.trim(), spec: { reason: reason || undefined, team: team ?? undefined, start: new Date(from!).toISOString(), end: new Date(to!).toISOString(), ...(recurrence ? { recurrence, timeZone: zone } : {}), ...what } }),
    done: "Maintenance is planned", touches: ["maintenance"], then: onClose,
  });
  return (
    <Modal opened onClose={onClose} size="lg" title="Plan maintenance" closeButtonProps={{ "aria-label": "Close" }}>
      <form className="stack" onSubmit={(e) => { e.preventDefault(); save.mutate(undefined); }}>
        <TextInput label="Name" required data-autofocus value={name} onChange={(e) => setName(e.currentTarget.value)} />
        <Textarea label="Reason" description="Shown wherever an alert is kept quiet" autosize minRows={1} value={reason} onChange={(e) => setReason(e.currentTarget.value)} />
        <div className="row wrap" style={{ alignItems: "flex-start", gap: "0.75rem" }}>
          <TimeInput label="From" required width="12rem" value={from} onChange={setFrom} />
          <TimeInput label="To" required width="12rem" value={to} onChange={setTo} error={reversed} />
          <Select label="Happens" data={repeats} allowDeselect={false} style={{ flex: 1, minWidth: "8rem" }} value={recurrence} onChange={(v) => setRecurrence(v ?? "")} />
        </div>
        <div>
          <Tabs value={by} onChange={setBy} keepMounted={false}>
            <Tabs.List aria-label="Which items"><Tabs.Tab value="selector">By a selector</Tabs.Tab><Tabs.Tab value="item">One item</Tabs.Tab><Tabs.Tab value="all">Everything</Tabs.Tab></Tabs.List>
            <Tabs.Panel value="selector" pt="xs"><TextInput label="Selector" description="Such as class=host and attributes.site=oslo" styles={{ input: { fontFamily: "var(--mantine-font-family-monospace)" } }} value={selector} onChange={(e) => setSelector(e.currentTarget.value)} /></Tabs.Panel>
            <Tabs.Panel value="item" pt="xs"><ItemPicker label="Item" value={item} onChange={setItem} /></Tabs.Panel>
            <Tabs.Panel value="all" pt="xs"><p>No alert of any item will call anybody while the window is open.</p></Tabs.Panel>
          </Tabs>
          {by !== "all" && <Checkbox mt="xs" label="And everything that these items need" checked={below} onChange={(e) => setBelow(e.currentTarget.checked)} />}
          {chosen && !what.all && <CoveredNow what={what} />}
        </div>
        <Select label="Team" placeholder="Common" clearable data={(teams.data?.items ?? []).map((t) => ({ value: t.id, label: t.name }))} value={team} onChange={setTeam} />
        {save.error && <ProblemView error={save.error} />}
        <Button type="submit" loading={save.isPending} disabled={!name.trim() || !chosen || from === undefined || to === undefined || Boolean(reversed)}>Plan</Button>
      </form>
    </Modal>
  );
}

/** How many items it would cover now, and which. */
export function CoveredNow({ what }: { what: WindowItems }) {
  const [settled] = useDebouncedValue(what, 350);
  const query = useQuery({ ...coveredQuery(settled), placeholderData: keepPreviousData });
  if (query.error) return <p className="row" role="status" style={{ marginTop: "0.375rem" }}><Mark level="major" /><span>{query.error.message}</span></p>;
  if (!query.data) return <p className="dim" role="status" style={{ marginTop: "0.375rem" }}>Counting…</p>;
  const { count, items, all } = query.data;
  return (
    <div role="status" style={{ marginTop: "0.375rem" }}>
      <strong>{all ? "Everything" : count ? `${plural(count, "item")} now` : "No item matches now"}</strong>
      {items.length > 0 && <div className="dim">{items.slice(0, 8).map((id, i) => <span key={id}>{i > 0 && ", "}<ItemLink id={id} /></span>)}{count > 8 && ` and ${(count - 8).toLocaleString("en")} more`}</div>}
    </div>
  );
}
