import { Tooltip } from "@mantine/core";
import type { StreamState } from "@/api/stream";
import { useLive } from "@/app/live";
import classes from "./LiveMark.module.css";

const says: Record<StreamState, [word: string, meaning: string]> = {
  connecting: ["Connecting", "The live stream is being opened."],
  live: ["Live", "Changes appear as they happen."],
  polling: ["Polling", "The live stream is down: the page is read again every 15 seconds."],
  offline: ["Offline", "This device has no network. What you see may be old."],
};

export function LiveMark() {
  const state = useLive();
  const [word, meaning] = says[state];
  return (
    <Tooltip label={meaning}>
      <span className={classes.mark} data-state={state} role="status" tabIndex={0}>
        <span className={classes.dot} aria-hidden="true" />
        <span className={classes.word}>{word}</span>
      </span>
    </Tooltip>
  );
}
