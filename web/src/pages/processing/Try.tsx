import { Button, TextInput, Textarea } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { apply } from "@/api/documents";
import { previewQuery } from "@/api/processing";
import type { ProcessingTried } from "@/api/types";
import { useCan } from "@/app/session";
import { ProblemView } from "@/components/ProblemView";
import { useDo } from "@/components/toast";
import { YamlEditor } from "@/components/YamlEditor";
import { plural } from "@/format/number";
import { Empty, Loading } from "@/ui/Empty";
import { Mark } from "@/ui/Mark";
import { Panel } from "@/ui/Panel";
import { Segments } from "@/ui/Segments";
import { template } from "../documents/templates";
import classes from "./Processing.module.css";

/** A rule is written and seen at work on lines, or on stored records, before it is applied. */
export function Try() {
  const can = useCan();
  const [text, setText] = useState(() => template("LogProcessing"));
  const [from, setFrom] = useState<"lines" | "stored">("lines");
  const [lines, setLines] = useState('203.0.113.7 - frank "GET /shop HTTP/1.1" 200');
  const [app, setApp] = useState("nginx");
  const [query, setQuery] = useState("app:nginx");
  const now = { document: text, ...(from === "lines" ? { lines: lines.split("\n").filter((l) => l.trim()).slice(0, 100), app } : { query }) };
  const [draft] = useDebouncedValue(now, 400);
  const result = useQuery(previewQuery(draft));
  const why = can("log-processing:write") ? undefined : "Your role may not change log processing";
  const save = useDo({
    run: async () => {
      const { documents } = await apply(text, false);
      const bad = documents.filter((o) => o.action === "failed");
      if (bad.length) throw new Error(bad.map((o) => o.problem).join("; "));
      return documents;
    },
    done: (d) => d.map((o) => `${o.name} was ${o.action}`).join(", "), failed: "It was not applied", touches: ["log-processing", "document"],
  });
  return (
    <div className={classes.bench}>
      <div className="stack">
        <Panel title="Rule" actions={<Button disabled={Boolean(why) || Boolean(result.error)} title={why} loading={save.isPending} onClick={() => save.mutate(undefined)}>Apply</Button>}>
          <YamlEditor label="YAML of the rule" value={text} onChange={setText} />
        </Panel>
        <Panel title="Tried with" actions={<Segments aria-label="Tried with" value={from} onChange={setFrom} data={[{ value: "lines", label: "Lines" }, { value: "stored", label: "Stored records" }]} />}>
          {from === "lines" ? (
            <div className="stack">
              <TextInput label="App" value={app} onChange={(e) => setApp(e.currentTarget.value)} />
              <Textarea label="Lines" autosize minRows={4} maxRows={12} value={lines} onChange={(e) => setLines(e.currentTarget.value)} classNames={{ input: classes.code }} />
            </div>
          ) : <TextInput label="Query" description="The newest 20 of the last day; they were processed when they came" value={query} onChange={(e) => setQuery(e.currentTarget.value)} />}
        </Panel>
      </div>
      <Panel title="What it would do" hint={result.data && `for ${result.data.matched} of ${plural(result.data.items.length, "record")}${result.data.dropped ? `, ${result.data.dropped} dropped` : ""}${result.data.failed ? `, ${plural(result.data.failed, "step")} failed` : ""}`}>
        {result.error ? <ProblemView error={result.error} /> : !result.data ? <Loading lines={6} />
          : result.data.items.length ? <ol className={classes.tried} aria-live="polite">{result.data.items.map((t, i) => <One key={i} tried={t} />)}</ol>
          : <Empty title="No records to try it with">Write lines, or ask for stored records.</Empty>}
      </Panel>
    </div>
  );
}

function One({ tried: t }: { tried: ProcessingTried }) {
  return (
    <li>
      <div className={classes.line}>{t.before.message}</div>
      {t.error && <p className={classes.fault}>{t.error}</p>}
      {!t.matched ? <p className="dim">The rule is not for this record.</p> : (
        <ul className={classes.steps}>
          {t.steps.map((s, i) => (
            <li key={i}>
              <span className="row"><Mark level={s.error ? "major" : "clear"} /><strong>{s.step}</strong>{s.error ? <span className={classes.fault}>{s.error}</span> : s.dropped ? <span>the record is dropped</span> : !s.changes.length && <span className="dim">changes nothing</span>}</span>
              {s.changes.length > 0 && (
                <dl className={classes.changes}>
                  {s.changes.map((c) => <div key={c.field}><dt>{c.field}</dt><dd>{c.before && <del>{c.before}</del>} {c.after ? <ins>{c.after}</ins> : <span className="dim">taken away</span>}</dd></div>)}
                </dl>
              )}
            </li>
          ))}
        </ul>
      )}
    </li>
  );
}
