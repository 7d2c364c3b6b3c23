import { age } from "@/format/time";

/** A span in seconds; a dash for none. */
export const span = (seconds: number) => (seconds > 0 ? age(seconds * 1000) : "–");

/** How much more or less than before; nothing when there was nothing. */
export function change(now: number, before: number | undefined): string | undefined {
  if (!before) return undefined;
  const share = Math.round(((now - before) / before) * 100);
  return share === 0 ? "the same" : `${share > 0 ? "+" : "−"}${Math.abs(share)} %`;
}
