import { ActionIcon, Button, Checkbox, Popover, TextInput, Tooltip } from "@mantine/core";
import { useEffect, useRef, useState, type ReactNode } from "react";
import { everything, type ListParams, type Reader } from "@/api/lists";
import { failed, told } from "@/components/toast";
import { csv } from "@/format/csv";
import type { Search } from "@/state/search";
import { describeCondition, parseCondition, withCondition } from "@/state/where";
import { IconClose, IconColumns, IconExport, IconFilter, IconSearch } from "@/ui/icons";
import type { Column, Filter } from "./column";
import { FilterForm } from "./FilterForm";
import classes from "./ListView.module.css";

interface Props<T> {
  label: string;
  columns: Column<T>[];
  filters: Filter[];
  params: ListParams;
  read: Reader<T>;
  search: Search;
  setUrl: (change: Partial<Search>) => void;
  searchable: boolean;
  actions?: ReactNode;
  quick?: ReactNode;
}

export function Toolbar<T>({ label, columns, filters, params, read, search, setUrl, searchable, actions, quick }: Props<T>) {
  const [adding, setAdding] = useState(false);
  const where = search.where ?? [];
  return (
    <div className={classes.bar} role="toolbar" aria-label={`${label}: filters and view`}>
      {searchable && <SearchBox value={search.q ?? ""} onChange={(q) => setUrl({ q: q || undefined })} />}
      {quick}
      {where.map((w) => {
        const c = parseCondition(w);
        const known = filters.find((f) => f.field === c?.field);
        const text = c ? describeCondition(c, known?.label) : w;
        return (
          <span key={w} className={classes.chip}>
            {text}
            <ActionIcon size={24} aria-label={`Remove the filter ${text}`} onClick={() => setUrl({ where: where.length > 1 ? where.filter((x) => x !== w) : undefined })}><IconClose size={12} /></ActionIcon>
          </span>
        );
      })}
      {filters.length > 0 && (
        <Popover opened={adding} onChange={setAdding} position="bottom-start" trapFocus width={260}>
          <Popover.Target>
            <Button variant="default" leftSection={<IconFilter size={14} stroke={1.6} />} onClick={() => setAdding(!adding)}>Filter</Button>
          </Popover.Target>
          <Popover.Dropdown>
            <FilterForm filters={filters} onAdd={(c) => { setUrl({ where: withCondition(where, c) }); setAdding(false); }} />
          </Popover.Dropdown>
        </Popover>
      )}
      <div className={classes.right}>
        <ColumnChoice columns={columns} chosen={search.columns} onChange={(c) => setUrl({ columns: c })} />
        <Export label={label} columns={columns} chosen={search.columns} read={read} params={params} />
        {actions}
      </div>
    </div>
  );
}

function SearchBox({ value, onChange }: { value: string; onChange: (v: string) => void }) {
  const [text, setText] = useState(value);
  const sent = useRef({ at: -Infinity, text: value });
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  // What the address says is taken over, unless it comes from here: somebody may type on meanwhile.
  useEffect(() => { if (value !== sent.current.text) { clearTimeout(timer.current); setText(value); } sent.current.text = value; }, [value]);
  useEffect(() => () => clearTimeout(timer.current), []);
  const type = (text: string) => {
    setText(text);
    clearTimeout(timer.current);
    const send = () => { sent.current = { at: performance.now(), text }; onChange(text); };
    // The first key is answered at once; while somebody types on, when there is a moment's rest.
    if (performance.now() - sent.current.at > 400) send();
    else timer.current = setTimeout(send, 150);
  };
  return (
    <TextInput className={classes.search} data-search type="search" aria-label="Filter by text" placeholder="Filter by text" value={text} leftSection={<IconSearch size={14} />}
      onChange={(e) => type(e.currentTarget.value)} onKeyDown={(e) => { if (e.key === "Escape") { e.preventDefault(); e.currentTarget.blur(); } }} />
  );
}

function ColumnChoice<T>({ columns, chosen, onChange }: { columns: Column<T>[]; chosen?: string[]; onChange: (c: string[] | undefined) => void }) {
  const shown = chosen?.length ? chosen : columns.filter((c) => !c.hidden).map((c) => c.id);
  return (
    <Popover position="bottom-end" trapFocus>
      <Popover.Target>
        <Tooltip label="Columns"><ActionIcon aria-label="Choose columns"><IconColumns size={16} stroke={1.6} /></ActionIcon></Tooltip>
      </Popover.Target>
      <Popover.Dropdown>
        <div className="stack" style={{ gap: "0.375rem" }}>
          {columns.map((c) => (
            <Checkbox key={c.id} size="xs" label={c.label} checked={shown.includes(c.id)} disabled={shown.length === 1 && shown[0] === c.id}
              onChange={(e) => onChange(e.currentTarget.checked ? [...shown, c.id] : shown.filter((x) => x !== c.id))} />
          ))}
          {chosen && <Button variant="default" onClick={() => onChange(undefined)}>Default columns</Button>}
        </div>
      </Popover.Dropdown>
    </Popover>
  );
}

function Export<T>({ label, columns, chosen, read, params }: { label: string; columns: Column<T>[]; chosen?: string[]; read: Reader<T>; params: ListParams }) {
  const [busy, setBusy] = useState(false);
  const save = async () => {
    setBusy(true);
    try {
      const wanted = chosen?.length ? columns.filter((c) => chosen.includes(c.id)) : columns;
      const { items, cut } = await everything<T>(read, params);
      const text = csv(wanted.map((c) => c.label), items.map((row) => wanted.map((c) => c.text(row))));
      const link = document.createElement("a");
      link.href = URL.createObjectURL(new Blob([text], { type: "text/csv" }));
      link.download = `${label.toLowerCase().replaceAll(" ", "-")}-${new Date().toISOString().slice(0, 16).replace(":", "")}.csv`;
      link.click();
      URL.revokeObjectURL(link.href);
      told(cut ? `The first ${items.length.toLocaleString("en")} rows were exported; narrow the list to get the rest.` : `${items.length.toLocaleString("en")} rows were exported.`);
    } catch (e) {
      failed("The export failed", e);
    } finally {
      setBusy(false);
    }
  };
  return <Tooltip label="Export as CSV"><ActionIcon aria-label="Export as CSV" loading={busy} onClick={() => void save()}><IconExport size={16} stroke={1.6} /></ActionIcon></Tooltip>;
}
