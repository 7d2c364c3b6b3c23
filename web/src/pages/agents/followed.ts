import type { Agent, LogSource, LogSourceStatus } from "@/api/types";

/** One source that an agent follows or is to follow. */
export interface Followed {
  name: string;
  state: "active" | "waiting" | "failing" | "lost" | "not declared";
  /** Its files or the journal; nothing of one that is not declared any more. */
  what?: string;
  error?: string;
  /** Its paths name no file that there is. */
  none?: boolean;
  status?: LogSourceStatus;
}

/** What a source follows, in a line. */
export function whatOf(spec: LogSource["spec"]): string {
  if (spec.files) return (spec.files.paths ?? []).join(", ");
  const units = spec.journal?.units ?? [];
  return ["the journal", units.length ? `of ${units.join(", ")}` : "", spec.journal?.priority ? `at ${spec.journal.priority} or worse` : ""].filter(Boolean).join(" ");
}

/** What is declared for an agent and what it says it does, as one list by name. */
export function followedOf(agent: Pick<Agent, "connected" | "logs">, declared: readonly LogSource[]): Followed[] {
  const out = declared.map((s): Followed => {
    const said = s.agents[0];
    const error = said?.error || said?.status?.error || undefined;
    const none = !error && s.spec.files !== undefined && said?.status?.files === 0;
    return { name: s.name, what: whatOf(s.spec), error, none, status: said?.status, state: !agent.connected ? "lost" : error ? "failing" : said?.status && !none ? "active" : "waiting" };
  });
  for (const status of agent.logs.sources ?? []) {
    if (!declared.some((s) => s.name === status.name)) out.push({ name: status.name, state: "not declared", error: status.error || undefined, status });
  }
  return out.sort((a, b) => a.name.localeCompare(b.name));
}
