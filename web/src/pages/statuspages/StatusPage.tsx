import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useParams } from "@tanstack/react-router";
import { useState } from "react";
import { statusIncidentsQuery, statusPageQuery } from "@/api/statuspages";
import type { StatusIncident } from "@/api/types";
import { useActions } from "@/app/actions";
import { useCan } from "@/app/session";
import { DocumentEditor } from "@/components/DocumentEditor";
import { Show } from "@/components/Query";
import { StateBadge, Tag } from "@/ui/Badges";
import { Empty } from "@/ui/Empty";
import { Facts, PageHead, Panel } from "@/ui/Panel";
import { At, TimeAgo } from "@/ui/TimeAgo";
import { Post } from "./Post";
import classes from "./StatusPages.module.css";

/** Where its keepers say what people outside are told. */
export default function StatusPagePage() {
  const { name } = useParams({ strict: false }) as { name: string };
  const can = useCan();
  const navigate = useNavigate();
  const query = useQuery(statusPageQuery(name));
  const incidents = useQuery(statusIncidentsQuery(name));
  const [editing, setEditing] = useState(false);
  const [posting, setPosting] = useState<StatusIncident | "incident" | "maintenance">();
  const why = can("statuspages:write") ? undefined : "Your role may not post on status pages";
  useActions([{ id: "status-post", label: "Post an incident", group: "Actions", keys: "c", disabled: why, run: () => setPosting("incident") }]);
  return (
    <Show query={query} lines={6} missing="This page is not there (any more)">
      {(p) => (
        <div className="stack">
          <PageHead title={p.title} state={<StateBadge state={p.status} soft />} sub={<a href={`/status/${p.slug}`} target="_blank" rel="noreferrer" className="mono">/status/{p.slug}</a>}
            actions={<>
              <Button disabled={Boolean(why)} title={why} onClick={() => setPosting("incident")}>Post an incident</Button>
              <Button variant="default" disabled={Boolean(why)} title={why} onClick={() => setPosting("maintenance")}>Plan maintenance</Button>
              <Button variant="default" onClick={() => setEditing(true)}>Edit</Button>
            </>} />
          <Panel title="Page">
            <Facts rows={[
              ["Seen by", p.visibility === "public" ? "everybody" : "who is signed in"], ["Subscribers", p.mail ? p.subscribers : <span className="dim">no mail server is configured</span>],
              ["As of", <TimeAgo at={p.renderedAt} />], ["Components", p.components.map((c) => <Tag key={c}>{c}</Tag>)],
            ]} />
          </Panel>
          <Panel title="Posted" count={incidents.data?.length}>
            <Show query={incidents} lines={4}>
              {(list) => list.length === 0 ? <Empty title="Nothing was posted yet" /> : <div className="stack">{list.map((i) => <Posted key={i.id} incident={i} why={why} onUpdate={() => setPosting(i)} />)}</div>}
            </Show>
          </Panel>
          {posting && <Post page={p} about={posting} onClose={() => setPosting(undefined)} />}
          <DocumentEditor what={editing ? { kind: "StatusPage", name: p.name } : undefined} why={why} onClose={() => setEditing(false)} onGone={() => void navigate({ to: "/status-pages" })} />
        </div>
      )}
    </Show>
  );
}

function Posted({ incident, why, onUpdate }: { incident: StatusIncident; why?: string; onUpdate: () => void }) {
  return (
    <article className={classes.posted}>
      <header className="row wrap">
        <h3>{incident.title}</h3><StateBadge state={incident.status} />
        {incident.startsAt && <span className="dim"><At at={incident.startsAt} /> – <At at={incident.endsAt} /></span>}
        <Button size="compact-sm" variant="default" style={{ marginLeft: "auto" }} disabled={Boolean(why)} title={why} onClick={onUpdate}>Update</Button>
      </header>
      {incident.components.length > 0 && <p className="dim">{incident.components.map((c) => `${c.name}: ${c.status.replaceAll("-", " ")}`).join(", ")}</p>}
      <ol className={classes.updates}>
        {incident.updates.map((u) => <li key={u.id}><div className="dim"><strong>{u.status}</strong> <At at={u.at} />{u.author && ` by ${u.author}`}</div><p>{u.body}</p></li>)}
      </ol>
    </article>
  );
}
