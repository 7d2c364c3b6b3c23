// Just enough of YAML to write it comfortably: where a field stands, and how
// the next line is indented. Whether it is right, the server says.

const indentOf = (line: string) => line.length - line.trimStart().length;

/** The line, from 1, on which a field such as "spec.parts[1].name" stands, or as near above it as can be told. */
export function lineOf(text: string, field: string, first = 1): number {
  const lines = text.split("\n");
  let at = first - 1, indent = -1, found = first;
  for (const step of field.match(/[^.[\]]+|\[\d+\]/g) ?? []) {
    const item = /^\[(\d+)\]$/.exec(step);
    let inside = -1, seen = -1, hit = -1;
    for (let i = indent < 0 ? at : at + 1; i < lines.length; i++) {
      const line = lines[i]!;
      if (!line.trim() || line.trimStart().startsWith("#")) continue;
      const deep = indentOf(line), dash = line.trimStart().startsWith("- ");
      if (line === "---" || deep < indent || (deep === indent && !(item && dash))) break;
      if (inside < 0) inside = deep;
      if (deep !== inside && !(deep === inside + 2 && lines[at]?.trimStart().startsWith("- "))) continue;
      const body = dash ? line.trimStart().slice(2) : line.trimStart();
      if (item ? dash && ++seen === Number(item[1]) : body.startsWith(`${step}:`)) {
        hit = i;
        break;
      }
    }
    // A step of a list may go on in its own line: "- name: x".
    if (hit < 0 && lines[at]?.trimStart().startsWith(`- ${step}:`)) continue;
    if (hit < 0) return found;
    at = hit;
    found = hit + 1;
    indent = indentOf(lines[hit]!);
  }
  return found;
}

/** What a new line begins with: the indentation of the one before, deeper after a colon. */
export function nextIndent(line: string): string {
  const spaces = " ".repeat(indentOf(line));
  const text = line.trim();
  if (text.endsWith(":")) return `${spaces}${text.startsWith("- ") ? "    " : "  "}`;
  return text.startsWith("- ") && text.includes(": ") ? `${spaces}  ` : spaces;
}
