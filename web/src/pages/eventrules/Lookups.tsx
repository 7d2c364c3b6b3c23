import { ActionIcon, Autocomplete, Button, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { documentsQuery } from "@/api/documents";
import type { EventRuleSpec } from "@/api/types";
import { IconClose } from "@/ui/icons";
import { Mark } from "@/ui/Mark";
import classes from "./EventRules.module.css";
import { faultOfLookup, moved, type Lookup } from "./form";

interface Props {
  list: Lookup[];
  faults: Record<string, string>;
  off: boolean;
  onChange: (list: EventRuleSpec["lookup"]) => void;
}

const most = 10;

/** The tables that a rule looks into, in their order: of two that have a column of one name, the later one wins. */
export function Lookups({ list, faults, off, onChange }: Props) {
  const tables = useQuery({ ...documentsQuery("LookupTable"), staleTime: 60_000, retry: false });
  const names = (tables.data ?? []).map((t) => t.name);
  const put = (i: number, change: Partial<Lookup>) => onChange(list.map((l, j) => (j === i ? { ...l, ...change } : l)));
  return (
    <div className={classes.field} role="group" aria-label="Look up">
      <span className={classes.above}>Look up</span>
      <div className={classes.lookups}>
        {list.map((l, i) => {
          const fault = faultOfLookup(faults, i);
          return (
            <div key={i} className={classes.lookup} role="group" aria-label={`Look up ${i + 1}`}>
              <Autocomplete size="xs" aria-label={`Table ${i + 1}`} placeholder="table" data={names} value={l.table} readOnly={off} aria-invalid={Boolean(fault)} onChange={(table) => put(i, { table })} />
              <TextInput size="xs" aria-label={`Key ${i + 1}`} classNames={{ input: classes.code }} placeholder="event.labels.host" value={l.key} readOnly={off} aria-invalid={Boolean(fault)} onChange={(e) => put(i, { key: e.currentTarget.value })} />
              <span className="row" style={{ gap: 0, flexWrap: "nowrap" }}>
                <ActionIcon variant="subtle" color="gray" size="sm" disabled={off || i === 0} aria-label={`Look up ${i + 1} earlier`} onClick={() => onChange(moved(list, i, i - 1))}>↑</ActionIcon>
                <ActionIcon variant="subtle" color="gray" size="sm" disabled={off || i === list.length - 1} aria-label={`Look up ${i + 1} later`} onClick={() => onChange(moved(list, i, i + 1))}>↓</ActionIcon>
                <ActionIcon variant="subtle" color="gray" size="sm" disabled={off} aria-label={`Remove lookup ${i + 1}`} onClick={() => onChange(list.filter((_, j) => j !== i))}><IconClose size={14} /></ActionIcon>
              </span>
              {(fault || !l.table) && <span className={classes.wrongLookup} role="alert"><Mark level="major" size={12} /> {l.table ? fault : "Name a table, and the key of the row."}</span>}
              {!fault && tables.data && l.table && !names.includes(l.table) && <span className={classes.wrongLookup}><Mark level="warning" size={12} /> There is no table of this name.</span>}
            </div>
          );
        })}
        <span className="row wrap">
          <Button size="compact-xs" variant="default" disabled={off || list.length >= most} title={list.length >= most ? `A rule looks into at most ${most} tables` : undefined} onClick={() => onChange([...list, { table: "", key: "" }])}>Add a table</Button>
          {list.length === 0 && <span className="dim">a row found by a key, for the expressions below as row</span>}
        </span>
        {faults.lookup && <span className={classes.wrongLookup} role="alert"><Mark level="major" size={12} /> {faults.lookup}</span>}
      </div>
    </div>
  );
}
