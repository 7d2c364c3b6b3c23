import type { LedgerEntry } from "@/api/types";
import { exact } from "@/format/time";
import { Mark } from "@/ui/Mark";
import { asLevel, levelOfState } from "@/ui/severity";
import { TimeAgo } from "@/ui/TimeAgo";
import { RefLink } from "./RefLink";
import { targetOf } from "./refs";
import classes from "./Timeline.module.css";

/** Entries of the ledger, newest first: when, what, who, about what. */
export function Timeline({ entries, own }: { entries: LedgerEntry[]; own?: string }) {
  return (
    <ol className={classes.list}>
      {entries.map((e, i) => {
        const day = exact(Date.parse(e.at)).slice(0, 10);
        const before = entries[i - 1];
        const fresh = !before || exact(Date.parse(before.at)).slice(0, 10) !== day;
        return (
          <li key={e.id} className={classes.entry} data-day={fresh ? day : undefined}>
            <span className={classes.mark}><Mark level={levelOfEntry(e)} size={12} /></span>
            <span className={classes.text}>
              {e.summary || e.type}{" "}
              {e.subject.id !== own && targetOf(e.subject.kind, e.subject.id) && <RefLink kind={e.subject.kind} id={e.subject.id}>{e.subject.kind}</RefLink>}
            </span>
            <span className={classes.who}>{e.actor.name || e.actor.kind}</span>
            <span className={classes.when}><TimeAgo at={e.at} bare /></span>
          </li>
        );
      })}
    </ol>
  );
}

/** How an entry is marked: by the severity or state in its data, otherwise by its verb. */
export function levelOfEntry(e: Pick<LedgerEntry, "type" | "data">): string {
  const verb = e.type.split(".").at(-1) ?? "";
  if (["cleared", "closed", "resolved", "verified"].includes(verb)) return "clear";
  if (["failed", "blocked"].includes(verb)) return "critical";
  const severity = e.data?.severity;
  if (typeof severity === "string" && asLevel(severity) !== "unknown") return severity;
  const state = e.data?.status ?? e.data?.state;
  return typeof state === "string" ? levelOfState(state) : "unknown";
}
