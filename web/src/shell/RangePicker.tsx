import { ActionIcon, Button, Popover, Tooltip } from "@mantine/core";
import { useState } from "react";
import { useRange } from "@/app/range";
import { absolute, presets, rangeLabel, slides } from "@/state/range";
import { IconBack, IconForward, IconTime } from "@/ui/icons";
import { TimeInput } from "@/ui/TimeInput";
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
  const [a, setA] = useState<number | undefined>(Math.floor(from / 60_000) * 60_000);
  const [b, setB] = useState<number | undefined>(now ? undefined : to);
  const wrong = a === undefined ? "Enter when it starts" : a >= (b ?? Date.now()) ? "The start must be before the end" : undefined;
  return (
    <form className={classes.exact} onSubmit={(e) => {
      e.preventDefault();
      if (a !== undefined && !wrong) onSet(b === undefined ? { from: absolute(a, a + 1000).from, to: "now" } : absolute(a, b));
    }}>
      <TimeInput label="From" value={a} onChange={setA} error={a === undefined ? undefined : wrong} />
      <TimeInput label="To" placeholder="now" value={b} onChange={setB} />
      <Button type="submit" disabled={Boolean(wrong)}>Apply</Button>
    </form>
  );
}
