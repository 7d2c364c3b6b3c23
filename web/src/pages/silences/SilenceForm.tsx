import { ActionIcon, Autocomplete, Button, Drawer, Select, Textarea, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { changeSilence, createSilence, expireSilence, silencePreview } from "@/api/events";
import type { Matcher, Silence } from "@/api/types";
import { ItemLink } from "@/components/Names";
import { ProblemView } from "@/components/ProblemView";
import { useDo } from "@/components/toast";
import { plural } from "@/format/number";
import { exact } from "@/format/time";
import { SeverityBadge } from "@/ui/Badges";
import { IconClose, IconPlus } from "@/ui/icons";
import { Panel } from "@/ui/Panel";
import { Segments } from "@/ui/Segments";
import { TimeInput } from "@/ui/TimeInput";
import { complete, emptyMatcher, signList, signOf, withSign } from "./matchers";
import classes from "./Silences.module.css";

const hour = 3_600_000;
const lengths = [{ value: String(hour), label: "1 h" }, { value: String(4 * hour), label: "4 h" }, { value: String(24 * hour), label: "1 day" }, { value: String(7 * 24 * hour), label: "1 week" }, { value: "", label: "Until…" }];
const names = ["alertname", "item", "source", "severity", "instance", "job", "environment", "host", "service", "team"];

/** What is to be held back, for how long, and why; what fits now is counted while one writes. */
export function SilenceForm({ matchers: first, silence, onClose }: { matchers: Matcher[]; silence?: Silence; onClose: () => void }) {
  const [matchers, setMatchers] = useState<Matcher[]>(first.length ? first : [emptyMatcher()]);
  const [length, setLength] = useState(silence ? "" : String(4 * hour));
  const [until, setUntil] = useState(silence ? Date.parse(silence.endsAt) : undefined);
  const [comment, setComment] = useState(silence?.comment ?? "");
  const ends = length ? Date.now() + Number(length) : (until ?? NaN);
  const said = complete(matchers);
  const end = useDo({ run: (id: string) => expireSilence(id), done: "The silence is over", touches: ["silence", "alert"] });
  const save = useDo({
    run: () => {
      const draft = { matchers: said, endsAt: new Date(ends).toISOString(), comment: comment.trim(), ...(silence && silence.state !== "expired" ? { startsAt: silence.startsAt } : {}) };
      return silence ? changeSilence(silence.id, draft) : createSilence(draft);
    },
    done: (s) => (s.heldBack ? `${plural(s.heldBack, "alert is", "alerts are")} held back until ${exact(Date.parse(s.endsAt)).slice(0, 16)}` : `Silent until ${exact(Date.parse(s.endsAt)).slice(0, 16)}`),
    touches: ["silence", "alert", "situation"], then: onClose, undo: (s) => (silence ? undefined : () => end.mutate(s.id)),
  });
  const set = (i: number, m: Matcher) => setMatchers(matchers.map((x, k) => (k === i ? m : x)));
  return (
    <Drawer opened onClose={onClose} position="right" size="36rem" title={silence ? "Change the silence" : "New silence"} closeButtonProps={{ "aria-label": "Close" }}>
      <form className="stack" onSubmit={(e) => { e.preventDefault(); save.mutate(undefined); }}>
        <p className="dim">Alerts that fit are still counted and stay on their list, but nobody is told, and they open no situation.</p>
        <fieldset className={classes.set}>
          <legend>What fits all of these</legend>
          {matchers.map((m, i) => (
            <div key={i} className={classes.matcher}>
              <Autocomplete className={classes.name} size="xs" aria-label={`Label ${i + 1}`} placeholder="label" data={names} value={m.name} onChange={(name) => set(i, { ...m, name })} data-autofocus={(i === 0 && !m.name) || undefined} />
              <Select className={classes.sign} aria-label={`Comparison ${i + 1}`} data={signList} value={signOf(m)} allowDeselect={false} onChange={(v) => v && set(i, withSign(m, v))} />
              <TextInput className={classes.value} aria-label={`Value ${i + 1}`} placeholder={m.isRegex ? "regular expression" : "value"} value={m.value} onChange={(e) => set(i, { ...m, value: e.currentTarget.value })} />
              <ActionIcon className={classes.drop} aria-label={`Remove condition ${i + 1}`} disabled={matchers.length === 1} onClick={() => setMatchers(matchers.filter((_, k) => k !== i))}><IconClose size={14} /></ActionIcon>
              {m.name === "item" && m.isEqual && !m.isRegex && m.value && <span className={classes.itemName}><ItemLink id={m.value} /></span>}
            </div>
          ))}
          <Button variant="default" size="compact-sm" leftSection={<IconPlus size={13} />} onClick={() => setMatchers([...matchers, emptyMatcher()])}>And</Button>
        </fieldset>
        <Fits matchers={said} />
        <div>
          <div className={classes.label} id="silence-for">For</div>
          <Segments aria-labelledby="silence-for" value={length} onChange={setLength} data={lengths} />
        </div>
        {length === "" && <TimeInput label="Until" required value={until} onChange={setUntil} error={until && ends <= Date.now() ? "This is over already" : undefined} />}
        <Textarea label="Why" data-autofocus={first.length > 0 || undefined} description="Shown with every alert it holds back" autosize minRows={2} value={comment} onChange={(e) => setComment(e.currentTarget.value)} />
        {save.error && <ProblemView error={save.error} />}
        <Button type="submit" loading={save.isPending} disabled={!said.length || !(ends > Date.now())}>{silence ? "Save" : "Hold back"}</Button>
      </form>
    </Drawer>
  );
}

/** How many active alerts fit, and the first of them. */
function Fits({ matchers }: { matchers: Matcher[] }) {
  const [asked] = useDebouncedValue(matchers, 250);
  const query = useQuery(silencePreview(asked));
  if (!matchers.length) return <p className="dim" role="status">Say what it is about to see what fits.</p>;
  if (query.error) return <ProblemView error={query.error} title="This cannot be asked" />;
  const p = query.data;
  return (
    <Panel title={<span role="status">{p ? `${plural(p.count, "active alert")} ${p.count === 1 ? "fits" : "fit"} now` : "Counting…"}</span>}>
      {p && (p.count === 0 ? <p className="dim">It holds back what comes until it ends.</p> : (
        <div className="stack" style={{ gap: "0.25rem" }}>
          {p.alerts.slice(0, 6).map((a) => <div key={a.id} className="row"><span style={{ flex: "none", width: "5.25rem" }}><SeverityBadge severity={a.severity} /></span><span className="grow cut" title={a.title}>{a.title}</span></div>)}
          {p.count > 6 && <span className="dim">and {p.count - Math.min(6, p.alerts.length)} more</span>}
        </div>
      ))}
    </Panel>
  );
}
