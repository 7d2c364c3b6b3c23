import { ActionIcon, Checkbox, CopyButton, Tooltip } from "@mantine/core";
import { useEffect, useMemo, useRef, useState } from "react";
import { plural } from "@/format/number";
import { plainText } from "@/format/output";
import { IconCopy } from "@/ui/icons";
import classes from "./LogOutput.module.css";

const bound = 400_000;

/** Output as it comes: colour codes stripped, the end followed until a person scrolls up. */
export function LogOutput({ text, live, empty = "No output yet." }: { text: string; live?: boolean; empty?: string }) {
  const box = useRef<HTMLPreElement>(null);
  const [follow, setFollow] = useState(true);
  const cut = text.length > bound;
  const plain = useMemo(() => plainText(cut ? text.slice(text.indexOf("\n", text.length - bound) + 1) : text), [text, cut]);
  useEffect(() => {
    if (follow && box.current) box.current.scrollTop = box.current.scrollHeight;
  }, [plain, follow]);
  return (
    <div className={classes.output}>
      <div className={classes.bar}>
        <span className="dim" role="status">{live ? "Running, output follows" : plural(plain ? plain.replace(/\n$/, "").split("\n").length : 0, "line")}{cut ? ", only the end is shown" : ""}</span>
        <span className="row" style={{ marginLeft: "auto" }}>
          <Checkbox size="xs" label="Follow" checked={follow} onChange={(e) => setFollow(e.currentTarget.checked)} />
          <CopyButton value={plain}>
            {({ copy, copied }) => <Tooltip label={copied ? "Copied" : "Copy the output"}><ActionIcon aria-label="Copy the output" onClick={copy}><IconCopy size={15} /></ActionIcon></Tooltip>}
          </CopyButton>
        </span>
      </div>
      <pre ref={box} className={classes.text} tabIndex={0} aria-label="Output"
        onScroll={(e) => { const t = e.currentTarget; setFollow(t.scrollHeight - t.scrollTop - t.clientHeight < 24); }}>
        {plain || <span className="dim">{empty}</span>}
      </pre>
    </div>
  );
}
