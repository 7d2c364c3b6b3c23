/** Reads labels as people write them: a="b", c=d. Says what is wrong, if anything is. */
export function labelsOf(text: string): { labels: Record<string, string>; wrong?: string } {
  const labels: Record<string, string> = {};
  let rest = text.trim().replace(/^\{/, "").replace(/\}$/, "").trim();
  while (rest) {
    const m = /^("(?:[^"\\]|\\.)*"|[^\s=,"]+)\s*=\s*("(?:[^"\\]|\\.)*"|[^,"]*?)\s*(?:,\s*|$)/.exec(rest);
    if (!m) return { labels, wrong: `“${rest}” is not name="value"` };
    try {
      labels[plain(m[1]!)] = plain(m[2]!);
    } catch {
      return { labels, wrong: `“${rest}” is not name="value"` };
    }
    rest = rest.slice(m[0].length);
  }
  return { labels };
}

const plain = (s: string) => (s.startsWith('"') ? (JSON.parse(s) as string) : s);

export const textOfLabels = (labels: Record<string, string>) => Object.keys(labels).sort().map((k) => `${k}=${JSON.stringify(labels[k])}`).join(", ");
