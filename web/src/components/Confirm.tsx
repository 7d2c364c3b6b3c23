import { Button, Modal, Textarea } from "@mantine/core";
import { useState, type ReactNode } from "react";
import { useDo } from "./toast";

/** Asks before something that cannot be taken back with one press, and says what will happen. */
export function Confirm<R>({ title, action, children, note, run, done, touches, then, onClose }: {
  title: string;
  action: string;
  children: ReactNode;
  /** The label of a note that goes with it. */
  note?: string;
  run: (note: string) => Promise<R>;
  done?: string;
  touches: string[];
  then?: (r: R) => void;
  onClose: () => void;
}) {
  const [text, setText] = useState("");
  const go = useDo({ run: () => run(text.trim()), done, touches, then: (r) => { onClose(); then?.(r); } });
  return (
    <Modal opened onClose={onClose} title={title} closeButtonProps={{ "aria-label": "Close" }}>
      <form className="stack" onSubmit={(e) => { e.preventDefault(); go.mutate(undefined); }}>
        <div>{children}</div>
        {note && <Textarea label={note} autosize minRows={2} value={text} onChange={(e) => setText(e.currentTarget.value)} />}
        <div className="row" style={{ justifyContent: "end" }}>
          <Button variant="default" onClick={onClose}>Cancel</Button>
          <Button type="submit" data-autofocus loading={go.isPending}>{action}</Button>
        </div>
      </form>
    </Modal>
  );
}
