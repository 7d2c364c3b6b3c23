import type { RulePreview } from "@/api/types";

/** What a rule would have done, in a sentence. */
export function previewSentence(p: Pick<RulePreview, "fired" | "complete" | "series" | "from" | "until">, range: string): string {
  const how = p.fired === 0 ? "would not have fired" : p.fired === 1 ? "would have fired once" : `would have fired ${p.fired} times`;
  const over = p.complete ? `in the last ${range}` : `in the part of the last ${range} that there was time to look at`;
  return `It ${how} ${over}${p.series === 0 ? ": the expression gave no series at all" : ""}.`;
}
