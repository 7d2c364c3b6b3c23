import { ActionIcon, CopyButton, Tooltip } from "@mantine/core";
import { IconCopy } from "@/ui/icons";
import classes from "./Copy.module.css";

/** Something to be copied as a whole: a command, a token. */
export function Copy({ value, label }: { value: string; label: string }) {
  return (
    <div className={classes.copy}>
      <code tabIndex={0}>{value}</code>
      <CopyButton value={value}>{({ copy, copied }) => <Tooltip label={copied ? "Copied" : "Copy"}><ActionIcon aria-label={label} onClick={copy}><IconCopy size={16} /></ActionIcon></Tooltip>}</CopyButton>
    </div>
  );
}
