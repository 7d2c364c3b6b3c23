import { ActionIcon, Button, Checkbox, Popover, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { logFieldsQuery } from "@/api/telemetry";
import { IconColumns } from "@/ui/icons";
import classes from "./Logs.module.css";
import { columnsOf, moved, usual, withColumn, written } from "./view";

/** Which fields stand beside the message, and in which order. */
export function Columns({ query, only, from, to, chosen, onChange }: { query: string; only?: string[]; from: number; to: number; chosen?: string[]; onChange: (c: string[] | undefined) => void }) {
  const [open, setOpen] = useState(false);
  const [text, setText] = useState("");
  const at = Math.floor(from / 60_000) * 60_000;
  const fields = useQuery({ ...logFieldsQuery(query, at, Math.ceil(to / 60_000) * 60_000, only), enabled: open, retry: false });
  const columns = columnsOf(chosen);
  const shown = columns.map((c) => c.field);
  const others = [...new Set([...usual, "level", "item", ...(fields.data ?? []).map((f) => f.value)])].filter((n) => !n.startsWith("_") && !shown.includes(n) && n.toLowerCase().includes(text.toLowerCase()));
  const set = (next: typeof columns) => onChange(written(next));
  return (
    <Popover opened={open} onChange={setOpen} position="bottom-end" trapFocus>
      <Popover.Target><Button variant="default" leftSection={<IconColumns size={14} stroke={1.6} />} onClick={() => setOpen(!open)}>Columns</Button></Popover.Target>
      <Popover.Dropdown>
        <div className={classes.columns}>
          {shown.map((n, i) => (
            <div key={n} className="row">
              <Checkbox size="xs" label={n} checked onChange={() => set(withColumn(columns, n))} style={{ flex: 1, minWidth: 0 }} />
              <ActionIcon variant="subtle" color="gray" size="sm" disabled={i === 0} aria-label={`Move ${n} to the left`} onClick={() => set(moved(columns, n, -1))}>←</ActionIcon>
              <ActionIcon variant="subtle" color="gray" size="sm" disabled={i === shown.length - 1} aria-label={`Move ${n} to the right`} onClick={() => set(moved(columns, n, 1))}>→</ActionIcon>
            </div>
          ))}
          <TextInput size="xs" aria-label="Find a field" placeholder="Find a field" value={text} onChange={(e) => setText(e.currentTarget.value)} />
          {others.slice(0, 60).map((n) => <Checkbox key={n} size="xs" label={n} checked={false} onChange={() => set(withColumn(columns, n))} />)}
          {chosen && <Button variant="default" onClick={() => onChange(undefined)}>Default columns</Button>}
        </div>
      </Popover.Dropdown>
    </Popover>
  );
}
