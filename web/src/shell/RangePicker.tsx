import { ActionIcon, Button, Popover, TextInput, Tooltip } from "@mantine/core";
import { useState } from "react";
import { useRange } from "@/app/range";
import { localInput } from "@/format/time";
import { absolute, presets, rangeLabel, resolveTime, slides } from "@/state/range";
import { IconBack, IconForward, IconTime } from "@/ui/icons";
import classes from "./RangePicker.module.css";

/** The time range of the page: presets, exact times, and steps back and forth. */
export function RangePicker() {
  const { range, from, to, set, move } = useRange();
  const [opened, setOpened] = useState(false);
  return (
    <div className={classes.picker}>
      <Tooltip label="Back half a window (shift ←)">
        <ActionIcon className={classes.step} aria-label="Move time range back" onClick={() => move(-1)}><IconBack size={15} /></ActionIcon>
      </Tooltip>
      <Popover opened={opened} onChange={setOpened} position="bottom-end" width={290} trapFocus returnFocus>
        <Popover.Target>
          <Button variant="default" className={classes.button} leftSection={<IconTime size={15} stroke={1.6} />} onClick={() => setOpened(!opened)} aria-label={`Time range: ${rangeLabel(range)}`}>
            <span className={classes.label}>{rangeLabel(range)}</span>
          </Button>
        </Popover.Target>
        <Popover.Dropdown>
          <div className={classes.presets}>
            {presets.map((p) => (
              <button key={p.label} type="button" className={classes.preset} aria-pressed={p.range.from === range.from && p.range.to === range.to}
                onClick={() => { set(p.range); setOpened(false); }}>
                {p.label}
              </button>
            ))}
          </div>
          <Exact key={`${from}`} from={from} to={to} now={slides(range)} onSet={(r) => { set(r); setOpened(false); }} />
        </Popover.Dropdown>
      </Popover>
      <Tooltip label="Forward half a window (shift →)">
        <ActionIcon className={classes.step} aria-label="Move time range forward" disabled={slides(range)} onClick={() => move(1)}><IconForward size={15} /></ActionIcon>
      </Tooltip>
    </div>
  );
}

function Exact({ from, to, now, onSet }: { from: number; to: number; now: boolean; onSet: (r: { from: string; to: string }) => void }) {
  const [a, setA] = useState(localInput(from));
  const [b, setB] = useState(now ? "" : localInput(to));
  const start = resolveTime(a, Date.now());
  const end = b === "" ? Date.now() : resolveTime(b, Date.now());
  const wrong = start === undefined || end === undefined ? "Enter both times" : start >= end ? "The start must be before the end" : undefined;
  return (
    <form className={classes.exact} onSubmit={(e) => {
      e.preventDefault();
      if (!wrong) onSet(b === "" ? { from: absolute(start!, start! + 1000).from, to: "now" } : absolute(start!, end!));
    }}>
      <TextInput type="datetime-local" label="From" value={a} onChange={(e) => setA(e.currentTarget.value)} error={wrong} />
      <TextInput type="datetime-local" label="To" description="Empty is now" value={b} onChange={(e) => setB(e.currentTarget.value)} />
      <Button type="submit" disabled={Boolean(wrong)}>Apply</Button>
    </form>
  );
}
