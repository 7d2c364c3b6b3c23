import { Button, Textarea } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { comment, commentsQuery } from "@/api/desk";
import { useCan } from "@/app/session";
import { Html } from "@/components/Html";
import { Show } from "@/components/Query";
import { useDo } from "@/components/toast";
import { Tag } from "@/ui/Badges";
import { Panel } from "@/ui/Panel";
import { Segments } from "@/ui/Segments";
import { TimeAgo } from "@/ui/TimeAgo";
import classes from "./Comments.module.css";

export function Comments({ id }: { id: string }) {
  const query = useQuery(commentsQuery(id));
  return (
    <Panel title="Comments" count={query.data?.items.length}>
      <div className="stack">
        <Show query={query} lines={2}>
          {(p) => p.items.length ? (
            <ol className={classes.list}>
              {p.items.map((c) => (
                <li key={c.id} className={classes.comment} data-internal={!c.public || undefined}>
                  <div className="row"><strong>{c.author.name}</strong><span className="dim"><TimeAgo at={c.at} /></span><Tag>{c.public ? "public" : "internal"}</Tag></div>
                  <Html html={c.html} />
                </li>
              ))}
            </ol>
          ) : <p className="dim">Nobody has written anything yet.</p>}
        </Show>
        <Write id={id} />
      </div>
    </Panel>
  );
}

function Write({ id }: { id: string }) {
  const can = useCan();
  const [body, setBody] = useState("");
  const [internal, setInternal] = useState("internal");
  const send = useDo({ run: () => comment(id, body, internal === "public"), touches: ["incident", "ledger"], then: () => setBody("") });
  const why = can("incidents:act") ? undefined : "Your role may not comment";
  return (
    <form className="stack" style={{ gap: "0.5rem" }} onSubmit={(e) => { e.preventDefault(); if (body.trim()) send.mutate(undefined); }}>
      <Textarea aria-label="Comment" placeholder="Write a comment (Markdown; Ctrl Enter sends)" autosize minRows={2} value={body} disabled={Boolean(why)} title={why}
        onChange={(e) => setBody(e.currentTarget.value)} onKeyDown={(e) => { if (e.key === "Enter" && (e.ctrlKey || e.metaKey) && body.trim()) send.mutate(undefined); }} />
      <div className="row">
        <Segments aria-label="Who may read it" value={internal} onChange={setInternal} data={[{ value: "internal", label: "Internal" }, { value: "public", label: "Public" }]} />
        <Button type="submit" style={{ marginLeft: "auto" }} disabled={Boolean(why) || !body.trim()} loading={send.isPending}>Comment</Button>
      </div>
    </form>
  );
}
