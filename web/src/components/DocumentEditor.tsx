import { Button, Drawer } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { keepPreviousData, useQuery, useQueryClient } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { apply, deleteDocument, yamlOf, yamlQuery } from "@/api/documents";
import type { Outcome } from "@/api/types";
import { plural } from "@/format/number";
import { lineOf } from "@/format/yaml";
import { Loading } from "@/ui/Empty";
import { Mark } from "@/ui/Mark";
import { ConfirmButton } from "./ConfirmButton";
import { Diff } from "./Diff";
import { ProblemView } from "./ProblemView";
import { failed, told, useDo } from "./toast";
import classes from "./Yaml.module.css";
import { goTo, YamlEditor } from "./YamlEditor";

export interface Edited {
  kind: string;
  /** Without a name it is a new one, from the draft. */
  name?: string;
  draft?: string;
}

/** A document as text: what is wrong with it and what would change are told while it is written; nothing changes before Apply. */
export function DocumentEditor({ what, why, onClose, onGone }: { what: Edited | undefined; why?: string; onClose: () => void; onGone?: () => void }) {
  return (
    <Drawer opened={Boolean(what)} onClose={onClose} position="right" size="78rem" closeOnClickOutside={false} closeOnEscape={false} title={what?.name ? `${what.kind} ${what.name}` : `New ${what?.kind ?? ""}`} closeButtonProps={{ "aria-label": "Close" }}>
      {what && <Loader key={`${what.kind} ${what.name}`} what={what} why={why} onClose={onClose} onGone={onGone ?? onClose} />}
    </Drawer>
  );
}

interface Within {
  what: Edited;
  why?: string;
  onClose: () => void;
  onGone: () => void;
}

function Loader(p: Within) {
  const query = useQuery({ ...yamlQuery(p.what.kind, p.what.name ?? ""), enabled: Boolean(p.what.name), refetchOnWindowFocus: false, refetchOnMount: "always" });
  if (!p.what.name) return <Work {...p} before="" start={p.what.draft ?? ""} />;
  if (query.error) return <ProblemView error={query.error} retry={() => void query.refetch()} />;
  // Only what was read just now may be edited.
  if (query.data === undefined || (query.isFetching && !query.isFetchedAfterMount)) return <Loading lines={8} />;
  return <Work {...p} before={query.data} start={query.data} />;
}

function Work({ what, why, onClose, onGone, before, start }: Within & { before: string; start: string }) {
  const client = useQueryClient();
  const area = useRef<HTMLTextAreaElement>(null);
  const [base, setBase] = useState(before);
  const [text, setText] = useState(start);
  const [busy, setBusy] = useState(false);
  const [settled] = useDebouncedValue(text, 400);
  const dirty = text !== start;
  const verdict = useQuery({ queryKey: ["apply", settled], queryFn: ({ signal }) => apply(settled, true, signal), placeholderData: keepPreviousData, staleTime: 0, gcTime: 0, retry: false, enabled: !why && settled.trim() !== "" && (settled !== before || !what.name) });
  const outcomes = settled === before && what.name ? [] : verdict.data?.documents ?? [];
  const wrong = new Set(outcomes.flatMap((o) => linesOf(o, settled)));
  const fresh = settled === text && !verdict.isFetching && !verdict.isPlaceholderData;
  const ready = fresh && outcomes.length > 0 && outcomes.every((o) => o.action !== "failed") && outcomes.some((o) => o.action !== "unchanged");
  const gone = useDo({ run: () => deleteDocument(what.kind, what.name!), done: `${what.name} was deleted`, failed: "It was not deleted", touches: [], then: () => { void client.invalidateQueries(); onGone(); } });
  const save = async () => {
    setBusy(true);
    try {
      if (what.name) {
        const now = await yamlOf(what.kind, what.name).catch(() => base);
        if (now !== base) {
          setBase(now);
          told("It was changed by somebody else meanwhile: look at the differences again before you apply.");
          return;
        }
      }
      const { documents } = await apply(text, false);
      const bad = documents.filter((o) => o.action === "failed");
      if (bad.length) failed("Not applied", new Error(bad.map((o) => `${o.name}: ${o.problem}`).join("; ")));
      else {
        told(documents.map((o) => `${o.name} was ${o.action}`).join(", "));
        onClose();
      }
      void client.invalidateQueries();
    } catch (e) {
      failed("Not applied", e);
    } finally {
      setBusy(false);
    }
  };
  return (
    <div className="stack">
      <div className={classes.work}>
        <div>
          <h3>Document</h3>
          <YamlEditor area={area} label={`YAML of ${what.name ?? "the new document"}`} value={text} onChange={setText} wrong={wrong} readOnly={Boolean(why)} />
        </div>
        <div>
          <h3>What would change</h3>
          {verdict.error && <ProblemView error={verdict.error} />}
          <ul className={classes.verdict} aria-live="polite">{outcomes.map((o, i) => <Verdict key={i} outcome={o} text={settled} go={(l) => goTo(area.current, l)} />)}</ul>
          {text === base ? <p className="dim">Nothing yet.</p> : <Diff before={base} after={text} label="Differences" />}
        </div>
      </div>
      <div className="row wrap">
        <Button disabled={!ready || Boolean(why)} loading={busy} title={why ?? (ready ? undefined : "It can be applied when something changes and nothing is wrong")} onClick={() => void save()}>Apply</Button>
        {dirty ? <ConfirmButton question="What you wrote is not applied." yes="Discard it" onYes={onClose}>Cancel</ConfirmButton> : <Button variant="default" onClick={onClose}>Close</Button>}
        {what.name && <span style={{ marginLeft: "auto" }}><ConfirmButton question={<>Delete {what.kind} <strong>{what.name}</strong> and what it declares?</>} yes="Delete" why={why} loading={gone.isPending} onYes={() => gone.mutate(undefined)}>Delete</ConfirmButton></span>}
      </div>
    </div>
  );
}

function linesOf(o: Outcome, text: string): number[] {
  if (o.action !== "failed") return [];
  const named = /^line (\d+):/.exec(o.problem ?? "");
  if (named) return [Number(named[1])];
  return (o.errors ?? []).map((e) => lineOf(text, e.field, o.line ?? 1));
}

function Verdict({ outcome: o, text, go }: { outcome: Outcome; text: string; go: (line: number) => void }) {
  const level = o.action === "failed" ? "major" : o.action === "unchanged" ? "unknown" : "clear";
  const what = o.action === "failed" ? o.problem : o.action === "changed" ? `changes ${plural(o.diff?.length ?? 0, "field")}: ${(o.diff ?? []).slice(0, 6).map((d) => d.field).join(", ")}` : o.action === "created" ? "will be made" : "stays as it is";
  return (
    <li>
      <span className="row" style={{ alignItems: "flex-start" }}><Mark level={level} style={{ marginTop: 3 }} /><span><strong>{o.name || "The document"}</strong> {what}</span></span>
      {(o.errors ?? []).map((e) => {
        const line = lineOf(text, e.field, o.line ?? 1);
        return <div key={e.field + e.rule} style={{ paddingLeft: "1.3rem" }}><button type="button" className={classes.jump} onClick={() => go(line)}>line {line}</button> <code>{e.field}</code> {e.rule}</div>;
      })}
    </li>
  );
}
