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

type Entry = LedgerEntry | Line;

/** Entries that say the same of the same record one after the other are one line that counts them. */
export function collapsed(entries: Entry[]): { entry: Entry; times: number }[] {
  const out: { entry: Entry; times: number }[] = [];
  const key = (e: Entry) => [e.summary || e.type, e.subject?.kind, e.subject?.id, e.actor?.name].join("\n");
  for (const entry of entries) {
    const last = out.at(-1);
    if (last && key(last.entry) === key(entry)) last.times++;
    else out.push({ entry, times: 1 });
  }
  return out;
}

/** What an entry says on the page of the record it is about: without the record's title, which stands on top. */
export function without(title: string | undefined, summary: string): string {
  if (!title || !summary.startsWith(`${title}: `)) return summary;
  const rest = summary.slice(title.length + 2);
  return rest.charAt(0).toUpperCase() + rest.slice(1);
}

/** Newest first: when, what, who, about what. own and title are of the record whose page it is. */
export function Timeline({ entries, own, title }: { entries: Entry[]; own?: string; title?: string }) {
  return (
    <ol className={classes.list}>
      {collapsed(entries).map(({ entry: e, times }) => (
        <li key={e.id} className={classes.entry}>
          <span className={classes.mark}>{levelOfEntry(e) === "unknown" ? <span className={classes.dot} /> : <Mark level={levelOfEntry(e)} size={12} />}</span>
          <span className={classes.text} title={e.actor ? `${e.actor.name || e.actor.kind}: ${e.summary || e.type}` : e.summary}>
            {e.subject && e.subject.id !== own && targetOf(e.subject.kind, e.subject.id) ? <RefLink kind={e.subject.kind} id={e.subject.id} className="">{e.summary || e.type}</RefLink> : without(title, e.summary || e.type || "")}
            {times > 1 && <span className="dim"> {times} times</span>}
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
