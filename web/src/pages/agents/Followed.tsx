import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { logSourcesOf } from "@/api/platform";
import type { Agent } from "@/api/types";
import { useCan } from "@/app/session";
import { DocumentEditor, type Edited } from "@/components/DocumentEditor";
import { Show } from "@/components/Query";
import { bytes, count, plural } from "@/format/number";
import { StateBadge } from "@/ui/Badges";
import { Empty } from "@/ui/Empty";
import { Mark } from "@/ui/Mark";
import { Facts } from "@/ui/Panel";
import { TimeAgo } from "@/ui/TimeAgo";
import { template } from "../documents/templates";
import classes from "./Followed.module.css";
import { followedOf, type Followed as One } from "./followed";

/** The log sources that an agent follows: how fast, how far behind, and what is wrong. */
export function Followed({ agent }: { agent: Agent }) {
  const can = useCan();
  const query = useQuery(logSourcesOf(agent.id));
  const [edited, setEdited] = useState<Edited>();
  const why = can("agents:write") ? undefined : "Your role may not declare log sources";
  return (
    <section aria-labelledby="followed" className="stack">
      <h3 id="followed">Logs it follows</h3>
      <Show query={query} lines={3}>
        {(declared) => {
          const list = followedOf(agent, declared);
          return list.length ? (
            <ul className={classes.list}>{list.map((f) => <Row key={f.name} of={f} onOpen={f.what === undefined ? undefined : () => setEdited({ kind: "LogSource", name: f.name })} />)}</ul>
          ) : <Empty title="It follows no logs" action={<Button variant="default" disabled={Boolean(why)} title={why} onClick={() => setEdited({ kind: "LogSource", draft: template("LogSource") })}>Add a log source</Button>}>A log source names files or the journal, and the hosts whose agents follow them.</Empty>;
        }}
      </Show>
      <DocumentEditor what={edited} why={why} onClose={() => { setEdited(undefined); void query.refetch(); }} />
    </section>
  );
}

function Row({ of: f, onOpen }: { of: One; onOpen?: () => void }) {
  const s = f.status;
  const hurt = s ? [s.cut ? `${plural(s.cut, "record")} cut, too long` : "", s.refused ? `${plural(s.refused, "record")} the server could not use` : ""].filter(Boolean) : [];
  return (
    <li>
      <div className={classes.head}>
        {onOpen ? <button type="button" className="link" onClick={onOpen}>{f.name}</button> : <span>{f.name}</span>}
        <StateBadge state={f.state} />
      </div>
      {f.what !== undefined && <div className={classes.what}>{f.what}</div>}
      {f.error && <div className={classes.wrong} role="alert"><Mark level="major" size={12} /> <span>{f.error}</span></div>}
      {f.none && <p className="dim">There is no such file on the host yet; one is followed as soon as it is there.</p>}
      {s && !f.none ? <Facts rows={[
        ["Rate", `${count(s.rate)} records/s`],
        ["Behind", s.behind ? bytes(s.behind) : "nothing"],
        ["Last record", s.seen ? <TimeAgo at={s.seen} /> : "none yet"],
        ["Delivered since it started", `${count(s.records)} (${bytes(s.bytes)})`],
        s.files > 0 && ["Files", s.files.toLocaleString("en")],
        hurt.length > 0 && ["Cut or refused", hurt.join("; ")],
      ]} /> : !f.error && !f.none && <p className="dim">{f.state === "lost" ? "It had not begun to follow it before it was lost." : "It has not said yet that it follows it."}</p>}
    </li>
  );
}
