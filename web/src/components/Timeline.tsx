import type { LedgerEntry, Note, Ref } from "@/api/types";
import { Mark } from "@/ui/Mark";
import { asLevel, levelOfState } from "@/ui/severity";
import { TimeAgo } from "@/ui/TimeAgo";
import { RefLink } from "./RefLink";
import { targetOf } from "./refs";
import classes from "./Timeline.module.css";

/** One line of a timeline: an entry of the ledger, or what a module keeps in the same spirit. */
export interface Line {
  id: string;
  at: string;
  actor?: { name: string; kind: string };
  summary: string;
  subject?: Ref;
  type?: string;
  data?: unknown;
}

/** Newest first: when, what, who, about what. */
export function Timeline({ entries, own }: { entries: (LedgerEntry | Line)[]; own?: string }) {
  return (
    <ol className={classes.list}>
      {entries.map((e) => (
        <li key={e.id} className={classes.entry}>
          <span className={classes.mark}>{levelOfEntry(e) === "unknown" ? <span className={classes.dot} /> : <Mark level={levelOfEntry(e)} size={12} />}</span>
          <span className={classes.text} title={e.actor ? `${e.actor.name || e.actor.kind}: ${e.summary || e.type}` : undefined}>
            {e.summary || e.type}{" "}
            {e.subject && e.subject.id !== own && targetOf(e.subject.kind, e.subject.id) && <RefLink kind={e.subject.kind} id={e.subject.id}>{e.subject.kind}</RefLink>}
          </span>
          {e.actor && <span className={classes.who}>{e.actor.name || e.actor.kind}</span>}
          <span className={classes.when}><TimeAgo at={e.at} bare /></span>
        </li>
      ))}
    </ol>
  );
}

export const lineOfNote = (n: Note, own: string): Line => ({
  id: n.id, at: n.at, actor: n.actor, summary: n.summary, type: n.kind, data: n.data, subject: n.subject && n.subject.id !== own ? n.subject : undefined,
});

/** How an entry is marked: by its verb, the severity in its data, or the state. */
export function levelOfEntry(e: Pick<Line, "type" | "data">): string {
  const verb = e.type?.split(".").at(-1) ?? "";
  if (["cleared", "closed", "resolved", "verified"].includes(verb)) return "clear";
  if (["failed", "blocked"].includes(verb)) return "critical";
  const data = (e.data ?? {}) as Record<string, unknown>;
  if (["closed", "cleared", "resolved"].includes(String(data.state))) return "clear";
  if (typeof data.severity === "string" && asLevel(data.severity) !== "unknown") return data.severity;
  const state = data.status ?? data.state;
  return typeof state === "string" ? levelOfState(state) : "unknown";
}
