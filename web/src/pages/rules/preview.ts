import type { RulePreview } from "@/api/types";

/** What a rule would have done, in a sentence. */
export function previewSentence(p: Pick<RulePreview, "fired" | "complete" | "series" | "from" | "until">, range: string): string {
  const how = p.fired === 0 ? "would not have fired" : p.fired === 1 ? "would have fired once" : `would have fired ${p.fired} times`;
  const over = p.complete ? `in the last ${range}` : `in the part of the last ${range} that there was time to look at`;
  return `It ${how} ${over}${p.series === 0 ? ": the expression gave no series at all" : ""}.`;
}

type Labelled = { labels: Record<string, string> };
const own = (labels: Record<string, string>) => Object.entries(labels).filter(([k]) => k !== "__name__");
const has = (whole: Record<string, string>, part: Record<string, string>) => own(part).every(([k, v]) => whole[k] === v);

/** The series of a rule's items, those that would have fired first. */
export function firedFirst<S extends Labelled>(series: S[], p: Pick<RulePreview, "episodes" | "items">): S[] {
  // An episode may have labels that the rule adds, beside those of its series.
  const fired = (s: S) => p.episodes.some((e) => has(e.labels, s.labels));
  const items = p.items && new Set(p.items);
  const kept = items ? series.filter((s) => items.has(s.labels.item ?? "") || fired(s)) : series;
  return [...kept.filter(fired), ...kept.filter((s) => !fired(s))];
}

/** The times in which any series would have fired, in seconds; those that meet are one. */
export function spansOf(p: Pick<RulePreview, "episodes" | "until">): { from: number; to: number }[] {
  const all = p.episodes.map((e) => ({ from: Date.parse(e.from) / 1000, to: Date.parse(e.to ?? p.until) / 1000 })).sort((a, b) => a.from - b.from);
  const out: { from: number; to: number }[] = [];
  for (const s of all) {
    const last = out.at(-1);
    if (last && s.from <= last.to) last.to = Math.max(last.to, s.to);
    else out.push({ ...s });
  }
  return out;
}
