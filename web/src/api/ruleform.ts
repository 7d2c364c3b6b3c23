// Rules for people who do not write PromQL, and rules tried on history.

import { post, Problem } from "./client";
import { rulesPath } from "./monitor";
import { parser } from "./stream";
import type { ReadForm, RulePreview, RuleSpec, RuleWhen, WrittenForm } from "./types";

/** The expression of a form. */
export const writeForm = (form: RuleWhen) => post<WrittenForm>(`${rulesPath}/form`, form);
/** The form of an expression, or why there is none. */
export const readForm = (expr: string, items?: string) => post<ReadForm>(`${rulesPath}/form/read`, { expr, ...(items ? { items } : {}) });

export interface Progress {
  until: string;
  /** Of 1. */
  done: number;
  fired: number;
}

/** When a rule would have fired in the last days; told hears how far it is. Aborting stops it on the server too. */
export async function watchPreview(spec: RuleSpec, days: number, signal: AbortSignal, told: (p: Progress) => void): Promise<RulePreview> {
  const response = await fetch(`${rulesPath}/preview/progress`, {
    method: "POST", signal, credentials: "same-origin", headers: { "Content-Type": "application/json", Accept: "text/event-stream" },
    body: JSON.stringify({ spec, from: new Date(Date.now() - days * 86_400_000).toISOString() }),
  });
  if (!response.ok || !response.body) throw new Problem(response.status, (await response.json().catch(() => ({}))) as Record<string, unknown>);
  let result: RulePreview | undefined;
  const feed = parser(({ name, data }) => {
    const said = JSON.parse(data) as Record<string, unknown>;
    if (name === "progress") told(said as unknown as Progress);
    else if (name === "problem") throw new Problem(Number(said.status) || 500, said);
    else if (name === "result") result = said as unknown as RulePreview;
  });
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    feed(value);
  }
  if (!result) throw new Problem(0, { detail: "The answer broke off before it was complete." });
  return result;
}
