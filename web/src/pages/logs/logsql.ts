// LogsQL as the page writes it, and the levels that programs write.

import type { Level } from "@/ui/severity";

const bare = /^[A-Za-z_][\w.]*$/;
const name = (field: string) => (bare.test(field) ? field : JSON.stringify(field));

/** The query with one more condition: this field has, or has not, this value. */
export function withField(query: string, field: string, value: string, not = false): string {
  const term = `${not ? "!" : ""}${name(field)}:=${JSON.stringify(value)}`;
  const q = query.trim();
  if (!q || q === "*") return term;
  if (q.split(" ").includes(term)) return q;
  // A pipe comes after all conditions.
  const pipe = q.search(/\s\|\s/);
  const head = pipe < 0 ? q : q.slice(0, pipe), rest = pipe < 0 ? "" : q.slice(pipe);
  return `${/\sor\s/i.test(head) ? `(${head})` : head} ${term}${rest}`;
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
