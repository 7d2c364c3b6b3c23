import { Button, Checkbox, Modal, Select, Textarea, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { postStatus, previewQuery } from "@/api/statuspages";
import type { StatusAffected, StatusDraft, StatusIncident, StatusPage } from "@/api/types";
import { ProblemView } from "@/components/ProblemView";
import { useDo } from "@/components/toast";
import { plural } from "@/format/number";
import { TimeInput } from "@/ui/TimeInput";
import classes from "./StatusPages.module.css";

const steps = { incident: ["investigating", "identified", "monitoring", "resolved"], maintenance: ["scheduled", "in-progress", "completed"] } as const;
const effects = [{ value: "", label: "not affected" }, { value: "maintenance", label: "in maintenance" }, { value: "degraded", label: "degraded" }, { value: "partial-outage", label: "partial outage" }, { value: "outage", label: "outage" }];

/** The step that usually follows. */
function following(incident: StatusIncident): string {
  const all: readonly string[] = steps[incident.kind];
  return all[Math.min(all.indexOf(incident.status) + 1, all.length - 1)]!;
}

/** What people will read, with the page as it will be. */
export function Post({ page, about, onClose }: { page: StatusPage; about: StatusIncident | "incident" | "maintenance"; onClose: () => void }) {
  const incident = typeof about === "string" ? undefined : about;
  const kind = incident?.kind ?? (about as "incident" | "maintenance");
  const [title, setTitle] = useState(incident?.title ?? "");
  const [status, setStatus] = useState<string>(incident ? following(incident) : steps[kind][0]);
  const [body, setBody] = useState("");
  const [affected, setAffected] = useState<Record<string, string>>(() => Object.fromEntries((incident?.components ?? []).map((c) => [c.name, c.status])));
  const [from, setFrom] = useState<number | undefined>(() => (incident?.startsAt ? Date.parse(incident.startsAt) : Math.ceil(Date.now() / 3_600_000) * 3_600_000));
  const [to, setTo] = useState<number | undefined>(() => (incident?.endsAt ? Date.parse(incident.endsAt) : Math.ceil(Date.now() / 3_600_000) * 3_600_000 + 7_200_000));
  const [quiet, setQuiet] = useState(false);
  const components = Object.entries(affected).filter(([, s]) => s).map(([name, s]) => ({ name, status: s as StatusAffected["status"] }));
  const timed = kind === "maintenance" && from !== undefined && to !== undefined ? { startsAt: new Date(from).toISOString(), endsAt: new Date(to).toISOString() } : {};
  const draft: StatusDraft = { ...(incident ? {} : { kind }), title: title.trim(), status: status as StatusDraft["status"], body: body.trim(), components, ...timed, quiet };
  const save = useDo({ run: () => postStatus(page.name, draft, incident?.id), done: "It is on the page", failed: "It was not posted", touches: ["status-page"], then: onClose });
  const ready = Boolean(draft.title && draft.body);
  const reach = page.mail && page.visibility === "public" && page.subscribers > 0;
  return (
    <Modal opened onClose={onClose} size="72rem" title={incident ? `Update: ${incident.title}` : kind === "incident" ? "Post an incident" : "Plan maintenance"} closeButtonProps={{ "aria-label": "Close" }}>
      <div className={classes.form}>
        <form className="stack" onSubmit={(e) => { e.preventDefault(); save.mutate(undefined); }}>
          <TextInput label="Title" required maxLength={200} data-autofocus={!incident || undefined} value={title} onChange={(e) => setTitle(e.currentTarget.value)} />
          <Select label="State" allowDeselect={false} data={[...steps[kind]]} value={status} onChange={(v) => v && setStatus(v)} />
          {kind === "maintenance" && <div className="row wrap"><TimeInput label="From" required width="12rem" value={from} onChange={setFrom} /><TimeInput label="To" required width="12rem" value={to} onChange={setTo} /></div>}
          <Textarea label="What people are told" description="As text; no names of hosts or colleagues" required autosize minRows={4} maxRows={14} value={body} onChange={(e) => setBody(e.currentTarget.value)} />
          <fieldset style={{ border: 0, margin: 0, padding: 0 }}>
            <legend>Components</legend>
            <div className={classes.parts}>
              {page.components.map((c) => [<span key={`${c} name`}>{c}</span>, <Select key={c} aria-label={`What happens to ${c}`} size="xs" allowDeselect={false} data={effects} value={affected[c] ?? ""} onChange={(v) => setAffected((a) => ({ ...a, [c]: v ?? "" }))} />])}
            </div>
          </fieldset>
          {reach && <Checkbox label={`Send no mail (${plural(page.subscribers, "subscriber")})`} checked={quiet} onChange={(e) => setQuiet(e.currentTarget.checked)} />}
          {save.error && <ProblemView error={save.error} />}
          <Button type="submit" loading={save.isPending} disabled={!ready}>{reach && !quiet ? "Post and send mail" : "Post"}</Button>
        </form>
        <Preview page={page} draft={draft} incident={incident?.id} ready={ready} />
      </div>
    </Modal>
  );
}

function Preview({ page, draft, incident, ready }: { page: StatusPage; draft: StatusDraft; incident?: string; ready: boolean }) {
  const [settled] = useDebouncedValue(draft, 400);
  const query = useQuery({ ...previewQuery(page.name, settled, incident), enabled: ready && Boolean(settled.title && settled.body), placeholderData: keepPreviousData });
  if (query.error) return <ProblemView error={query.error} />;
  if (!query.data) return <p className="dim" role="status">With a title and a text, the page is shown here as it will be.</p>;
  return <iframe className={classes.preview} title="The page as it will be" sandbox="" srcDoc={query.data} />;
}
