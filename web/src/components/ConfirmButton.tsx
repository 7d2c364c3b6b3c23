import { Button, Popover, type ButtonProps } from "@mantine/core";
import { useState, type ReactNode } from "react";

/** A button for what cannot be taken back: it says what will happen and asks once more. */
export function ConfirmButton({ children, question, yes, onYes, why, loading, ...button }: {
  children: ReactNode;
  question: ReactNode;
  yes: string;
  onYes: () => void;
  why?: string;
  loading?: boolean;
} & Pick<ButtonProps, "size" | "variant" | "fullWidth">) {
  const [open, setOpen] = useState(false);
  return (
    <Popover opened={open} onChange={setOpen} position="bottom-end" withArrow trapFocus width={260}>
      <Popover.Target>
        <Button variant="default" {...button} disabled={Boolean(why)} title={why} loading={loading} onClick={() => setOpen(!open)}>{children}</Button>
      </Popover.Target>
      <Popover.Dropdown>
        <div className="stack" style={{ gap: "0.5rem" }}>
          <div>{question}</div>
          <div className="row">
            <Button data-autofocus onClick={() => { setOpen(false); onYes(); }}>{yes}</Button>
            <Button variant="default" onClick={() => setOpen(false)}>Keep it</Button>
          </div>
        </div>
      </Popover.Dropdown>
    </Popover>
  );
}
