// LogsQL as the page writes it, and the levels that programs write.

import type { Level } from "@/ui/severity";
import { conditions, pipeAt, tokens } from "./lex";

const bare = /^[A-Za-z_][\w.]*$/;
export const fieldName = (field: string) => (bare.test(field) ? field : JSON.stringify(field));

/** The query with one more condition: this field has, or has not, this value. */
export function withField(query: string, field: string, value: string, not = false): string {
  return withTerm(query, `${not ? "!" : ""}${fieldName(field)}:=${JSON.stringify(value)}`);
}

/** The query with one more condition, before its pipes. */
export function withTerm(query: string, term: string): string {
  const q = query.trim();
  if (!q || q === "*") return term;
  if (q.split(" ").includes(term)) return q;
  const head = conditions(q), rest = q.slice(pipeAt(q));
  const tail = rest ? ` ${rest}` : "";
  if (!head || head === "*") return `${term}${tail}`;
  return `${needsParens(head) ? `(${head})` : head} ${term}${tail}`;
}

/** Whether an "or" stands in it outside of parentheses. */
function needsParens(head: string): boolean {
  let depth = 0;
  return tokens(head).some((t) => {
    if (t.text === "(") depth++;
    if (t.text === ")") depth--;
    return depth === 0 && t.kind === "keyword" && t.text.toLowerCase() === "or";
  });
}

/** What a level of a program means, in the one scale of everything. */
export function levelOf(level: string | undefined): Level {
  const l = (level ?? "").toLowerCase();
  if (/^(fatal|panic|emerg|alert|crit)/.test(l)) return "critical";
  if (l.startsWith("err")) return "major";
  if (l.startsWith("warn")) return "warning";
  if (/^(info|notice)/.test(l)) return "info";
  return "unknown";
}

/** Where the engine says a query is wrong, and its reason without the place. */
export function faultOf(query: string, reason: string): { at: number; text: string } {
  // It quotes, innermost first, the last 50 bytes of what it had read.
  const context = /context: \[([\s\S]*?)\](?:;|$)/.exec(reason)?.[1];
  const text = reason.replace(/;? ?context: \[[\s\S]*$/, "").replace(/;? ?see https?:\S+/g, "").trim() || reason;
  if (context === undefined) return { at: -1, text };
  const found = query.startsWith(context) ? 0 : query.indexOf(context);
  return { at: found < 0 ? -1 : found + context.length, text };
}
