import { ActionIcon, TextInput } from "@mantine/core";
import { useEffect, useRef, useState } from "react";
import { localInput, parseLocal, written } from "@/format/time";
import { IconCalendar } from "./icons";

interface Props {
  label?: string;
  "aria-label"?: string;
  description?: string;
  placeholder?: string;
  title?: string;
  required?: boolean;
  /** Milliseconds; undefined when nothing, or nothing readable, is written. */
  value: number | undefined;
  onChange: (at: number | undefined) => void;
  error?: React.ReactNode;
  width?: string;
}

/** A time as it is shown everywhere, 2026-11-23 14:05, whatever the browser's language; the calendar is the browser's. */
export function TimeInput({ value, onChange, error, width, placeholder = "YYYY-MM-DD hh:mm", ...rest }: Props) {
  const [text, setText] = useState(value === undefined ? "" : written(value));
  const native = useRef<HTMLInputElement>(null);
  const mine = useRef(value);
  useEffect(() => {
    if (value === mine.current) return;
    mine.current = value;
    setText(value === undefined ? "" : written(value));
  }, [value]);
  const tell = (t: string, now: number | undefined) => {
    setText(t);
    mine.current = now;
    onChange(now);
  };
  const unreadable = text.trim() !== "" && parseLocal(text, Date.now()) === undefined;
  return (
    <TextInput {...rest} placeholder={placeholder} value={text} style={width ? { width } : undefined} error={error ?? (unreadable ? "Write it as 2026-11-23 14:05" : undefined)}
      onChange={(e) => tell(e.currentTarget.value, parseLocal(e.currentTarget.value, Date.now()))}
      rightSection={
        <>
          <ActionIcon size={24} aria-label={`Pick a date${rest.label ? `: ${rest.label}` : ""}`} onClick={() => native.current?.showPicker?.()}><IconCalendar size={14} stroke={1.6} /></ActionIcon>
          <input ref={native} type="datetime-local" tabIndex={-1} aria-hidden="true" style={{ position: "absolute", right: 0, bottom: 0, width: 1, height: 1, opacity: 0, pointerEvents: "none", border: 0, padding: 0 }}
            value={value === undefined ? "" : localInput(value)} onChange={(e) => { const t = Date.parse(e.currentTarget.value); if (!Number.isNaN(t)) tell(written(t), t); }} />
        </>
      } />
  );
}
