import { TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { restoreVersion, versionsQuery } from "@/api/eventrules";
import type { DocumentVersion } from "@/api/types";
import { Tag } from "@/ui/Badges";
import { Empty } from "@/ui/Empty";
import { TimeAgo } from "@/ui/TimeAgo";
import { ConfirmButton } from "./ConfirmButton";
import { Diff } from "./Diff";
import { Show } from "./Query";
import { useDo } from "./toast";
import classes from "./Versions.module.css";

/** What a document was: who changed it, when and why, what differs; any version can be had back. */
export function Versions({ kind, name, why, onRestored }: { kind: string; name: string; why?: string; onRestored?: () => void }) {
  const query = useQuery(versionsQuery(kind, name));
  const [chosen, setChosen] = useState<number>();
  const [reason, setReason] = useState("");
  const restore = useDo({ run: (version: number) => restoreVersion(kind, name, version, reason), done: (o) => (o.action === "failed" ? `Not restored: ${o.problem}` : "It is as it was"), failed: "Not restored", touches: ["event-rules", "document"], then: () => { setReason(""); onRestored?.(); } });
  return (
    <Show query={query} lines={6}>
      {(list) => {
        if (!list.length) return <Empty title="No version has been kept yet">From the next change on it is kept what the document was, who changed it and why.</Empty>;
        const at = Math.max(0, list.findIndex((v) => v.version === chosen));
        const v = list[at]!;
        return (
          <div className={classes.versions}>
            <ol className={classes.list} aria-label="Versions">
              {list.map((one) => (
                <li key={one.version}>
                  <button type="button" aria-pressed={one === v} onClick={() => setChosen(one.version)}>
                    <span className="row"><strong>{one.version}</strong> <TimeAgo at={one.at} /> {one.current && <Tag>current</Tag>}</span>
                    <span>{said(one)}</span>
                    {one.why && <span className="dim">{one.why}</span>}
                  </button>
                </li>
              ))}
            </ol>
            <div className="stack">
              <div className="row wrap">
                <h2 className={classes.title}>Version {v.version}</h2>
                {!v.current && (
                  <span className="row wrap" style={{ marginLeft: "auto" }}>
                    <TextInput aria-label="Why it is restored" placeholder="Why?" maxLength={1000} value={reason} onChange={(e) => setReason(e.currentTarget.value)} />
                    <ConfirmButton question={<>Make {name} what it was in version {v.version}? That is a new version.</>} yes="Restore" why={why} loading={restore.isPending} onYes={() => restore.mutate(v.version)}>Restore</ConfirmButton>
                  </span>
                )}
              </div>
              <Diff before={text(list[at + 1])} after={v.action === "deleted" ? "" : text(v)} label={`What version ${v.version} changed`} />
            </div>
          </div>
        );
      }}
    </Show>
  );
}

const text = (v: DocumentVersion | undefined) => (v ? JSON.stringify(v.spec, null, 2) : "");
const said = (v: DocumentVersion) => (v.action === "found" ? "was so, whoever made it" : `${v.action} by ${v.by.name || v.by.kind || "somebody"}`);
