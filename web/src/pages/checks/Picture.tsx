import { Button, Modal } from "@mantine/core";
import { useState } from "react";
import { screenshotPath } from "@/api/monitor";
import type { CheckResult } from "@/api/types";
import { exact } from "@/format/time";
import classes from "./Picture.module.css";

/** The page that a browser check failed on, as it was. */
export function Picture({ check, result: r, label = "Page" }: { check: string; result: CheckResult; label?: string }) {
  const [open, setOpen] = useState(false);
  const [gone, setGone] = useState(false);
  return (
    <>
      <Button size="compact-xs" variant="default" mr={6} onClick={() => setOpen(true)} aria-label={`Picture of the page at ${exact(Date.parse(r.at))}`}>{label}</Button>
      <Modal opened={open} onClose={() => setOpen(false)} size="auto" title={`The page at ${exact(Date.parse(r.at))}`} closeButtonProps={{ "aria-label": "Close" }}>
        <div className="stack">
          <p>{r.output}</p>
          {gone ? <p className="dim">The picture is not kept any more.</p> : <img className={classes.picture} src={screenshotPath(check, r)} alt={`What was to be seen of the page: ${r.output}`} onError={() => setGone(true)} />}
        </div>
      </Modal>
    </>
  );
}
