import { Button, Checkbox, Popover, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { datasetsQuery } from "@/api/processing";
import { count } from "@/format/number";
import { Mark } from "@/ui/Mark";
import classes from "./Logs.module.css";
import { chosenWith, said } from "./dataset";

interface Props {
  /** undefined: all that may be read. */
  chosen: string[] | undefined;
  onChange: (chosen: string[] | undefined) => void;
}

/** Which datasets are searched. Where only one can be read, there is nothing to choose. */
export function Datasets({ chosen, onChange }: Props) {
  const [open, setOpen] = useState(false);
  const [text, setText] = useState("");
  const query = useQuery({ ...datasetsQuery, staleTime: 60_000, retry: false });
  const list = query.data ?? [];
  const names = list.map((d) => d.name);
  const strange = query.data ? (chosen ?? []).filter((n) => !names.includes(n)) : [];
  if (list.length < 2 && !chosen) return null;
  const shown = list.filter((d) => `${d.name} ${d.description ?? ""}`.toLowerCase().includes(text.trim().toLowerCase()));
  const flip = (name: string) => onChange(chosenWith(chosen, name, names));
  return (
    <Popover opened={open} onChange={setOpen} position="bottom-end" trapFocus>
      <Popover.Target><Button variant="default" aria-label={`Datasets: ${said(chosen)}`} className={classes.datasets} leftSection={strange.length > 0 && <Mark level="major" size={12} />} onClick={() => setOpen(!open)}>{said(chosen)}</Button></Popover.Target>
      <Popover.Dropdown>
        <div className={classes.columns}>
          {list.length > 8 && <TextInput type="search" size="xs" aria-label="Find a dataset" placeholder="Find" value={text} onChange={(e) => setText(e.currentTarget.value)} />}
          <Checkbox size="xs" label="All that you may read" checked={!chosen} onChange={() => onChange(undefined)} />
          {shown.map((d) => (
            <div key={d.name} className="row">
              <Checkbox size="xs" label={d.name} description={d.description} checked={chosen?.includes(d.name) ?? false} onChange={() => flip(d.name)} style={{ flex: 1, minWidth: 0 }} />
              <span className="dim" title="Lines of the last 24 hours">{d.records === undefined ? "" : count(d.records)}</span>
            </div>
          ))}
          {text.trim() && !shown.length && <p className="dim">Nothing matches</p>}
          {strange.map((n) => <Checkbox key={n} size="xs" label={n} description="There is none of this name that you may read" checked onChange={() => flip(n)} />)}
        </div>
      </Popover.Dropdown>
    </Popover>
  );
}
