import type { ScrapeTarget } from "@/api/types";

/** The series of one target: those with its job and its instance. */
export function selectorOf(t: Pick<ScrapeTarget, "labels">): string {
  const parts = ["job", "instance"].filter((n) => t.labels[n]).map((n) => `${n}=${JSON.stringify(t.labels[n])}`);
  return `{${parts.join(",")}}`;
}
