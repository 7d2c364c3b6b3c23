/** Whether every word typed begins a word of the label, or stands in it. */
export function matches(typed: string, label: string): boolean {
  const low = label.toLowerCase();
  return typed.toLowerCase().split(/\s+/).every((w) => low.includes(w));
}
