import { ActionIcon, Select } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useCallback, useMemo, useState } from "react";
import { alertsPath, groupsQuery } from "@/api/events";
import { page, paramsOf, total, type Reader } from "@/api/lists";
import type { Alert, Page } from "@/api/types";
import { useUrl } from "@/app/url";
import { Quick } from "@/components/Quick";
import { ListView } from "@/components/table/ListView";
import { Toolbar } from "@/components/table/Toolbar";
import { Empty } from "@/ui/Empty";
import { IconClose } from "@/ui/icons";
import { Keys } from "@/ui/Kbd";
import { PageHead } from "@/ui/Panel";
import { matchersOfAll } from "@/pages/silences/matchers";
import { SilenceForm } from "@/pages/silences/SilenceForm";
import { AlertDrawer } from "./AlertDrawer";
import { BulkActions, NothingSelected } from "./BulkActions";
import { BulkAll } from "./BulkAll";
import { alertColumns, alertFilters } from "./columns";
import { Groups, groupings } from "./Groups";
import classes from "./Groups.module.css";

const rowKey = (r: Alert) => r.id;
/** The group without a value, in the address: an empty one would be dropped. */
const none = "-";

export default function Alerts() {
  const [search, setUrl] = useUrl();
  const [silencing, setSilencing] = useState<Alert[]>();
  const [first, setFirst] = useState<Page<Alert>>();
  const by = search.group ?? "";
  // A group shown as a list: its value is in the address.
  const value = by && search.focus !== undefined ? (search.focus === none ? "" : search.focus) : undefined;
  const params = useMemo(() => paramsOf(search, undefined, "-openedAt"), [search.q, search.where, search.sort]);
  const read: Reader<Alert> = useCallback(async (p, cursor, signal) => {
    const got = await page<Alert>(alertsPath, value === undefined ? p : { ...p, extra: { by, ...(value ? { value } : {}) } }, cursor, signal);
    if (!cursor) setFirst(got);
    return got;
  }, [by, value]);
  const filter = { q: search.q, where: by ? [...(search.where ?? []), "active=true"] : search.where, ...(value === undefined ? {} : { by, value }) };
  const quick = (
    <>
      <Quick field="state" label="Which alerts" options={[{ label: "All", values: [] }, { label: "Open", values: ["open", "acknowledged"] }, { label: "Unacknowledged", values: ["open"] }]} />
      <Select aria-label="Group alerts" size="xs" style={{ width: "9.5rem" }} value={by} allowDeselect={false} data={[{ value: "", label: "No groups" }, ...groupings, ...(by.startsWith("labels.") ? [{ value: by, label: `By ${by.slice(7)}` }] : [])]}
        onChange={(v) => setUrl({ group: v || undefined, focus: undefined, open: undefined }, { push: true })} />
      {value !== undefined && <GroupChip by={by} value={value} onClose={() => setUrl({ focus: undefined }, { push: true })} />}
    </>
  );
  const actions = <BulkAll filter={filter} count={total(first)} />;
  const show = (a: Alert) => setUrl({ show: a.id }, { push: true });
  return (
    <>
      <PageHead title="Alerts" sub={<span className={classes.keys}><Keys keys="j" /> <Keys keys="k" /> move, <Keys keys="Enter" /> open, <Keys keys="x" /> select, <Keys keys="a" /> acknowledge, <Keys keys="s" /> snooze, <Keys keys="m" /> silence</span>} actions={<><Link to="/alert-routing" className="link">Routing</Link><Link to="/silences" className="link">Silences</Link></>} />
      {by && value === undefined ? (
        <>
          <Toolbar<Alert> label="Alerts" columns={alertColumns} filters={alertFilters} params={params} read={read} search={search} setUrl={setUrl} searchable quick={quick} actions={<BulkAll filter={filter} />} />
          <Groups by={by} params={params} open={(search.open ?? []).map((v) => (v === none ? "" : v))} onOpen={(open) => setUrl({ open: open.length ? open.map((v) => v || none) : undefined })} onShow={show} onAll={(v) => setUrl({ focus: v || none }, { push: true })} selected={search.show} />
        </>
      ) : (
        <ListView<Alert> key={`${by} ${value}`} kind="alert" path={value === undefined ? alertsPath : `${alertsPath}?by=${by}&value=${value}`} label="Alerts" columns={alertColumns} filters={alertFilters} rowKey={rowKey} defaultSort="-openedAt" read={read}
          onOpen={show} selected={search.show} quick={quick} actions={actions}
          idle={<NothingSelected />}
          bulk={(list, done) => <BulkActions alerts={list} done={done} onSilence={() => setSilencing(list)} />}
          empty={<Empty good title="No alerts">Checks, metric rules, agents and anything that posts to the API open alerts here. Nothing is wrong that Mainstay knows of.</Empty>} />
      )}
      <AlertDrawer id={search.show} onClose={() => setUrl({ show: undefined })} onSilence={(a) => setSilencing([a])} />
      {silencing && <SilenceForm matchers={matchersOfAll(silencing)} onClose={() => setSilencing(undefined)} />}
    </>
  );
}

/** The group that is listed, and the way back to all of them. */
function GroupChip({ by, value, onClose }: { by: string; value: string; onClose: () => void }) {
  const groups = useQuery(groupsQuery(by, {}));
  const label = groups.data?.groups.find((g) => g.value === value)?.label || value || "none";
  const what = (groupings.find((g) => g.value === by)?.label ?? by).replace(/^By /, "");
  return <span className={classes.chip}>{what}: {label}<ActionIcon size={24} aria-label="Back to the groups" onClick={onClose}><IconClose size={12} /></ActionIcon></span>;
}
