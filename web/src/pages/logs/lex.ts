// LogsQL taken apart as the engine's own lexer does it, for what is coloured,
// completed and read into a form.

export type Kind = "space" | "comment" | "string" | "word" | "number" | "field" | "operator" | "punctuation" | "pipe" | "keyword" | "function" | "broken";

export interface Token {
  kind: Kind;
  from: number;
  to: number;
  text: string;
}

const keywords = new Set(["and", "or", "not"]);
const word = /[\p{L}\p{N}_.]/u;
/** What joins words to one when no space stands between: 10.0.0.1:80, a-b, /var/log. */
const joins = /[\p{L}\p{N}_.\-/@+$%&;?\\^]/u;

/** The length of the string that a text begins with, as Go reads it; 0 when it is not one. */
export function stringAt(text: string): number {
  const m = text[0] === "`" ? /^`[^`]*`/.exec(text) : text[0] === '"' ? /^"(?:[^"\\\n]|\\.)*"/.exec(text) : text[0] === "'" ? /^'(?:[^'\\\n]|\\.)*'/.exec(text) : null;
  return m ? m[0].length : 0;
}

function one(text: string, at: number): [Kind, number] {
  const ch = text[at]!;
  const rest = text.slice(at);
  if (/\s/.test(ch)) return ["space", /^\s+/.exec(rest)![0].length];
  if (ch === "#") return ["comment", /^[^\n]*/.exec(rest)![0].length];
  if (ch === '"' || ch === "'" || ch === "`") {
    const n = stringAt(rest);
    return n ? ["string", n] : ["broken", rest.length];
  }
  if (ch === "|") return ["pipe", 1];
  const operator = /^(=~|!~|!=|>=|<=|[:=~!<>*])/.exec(rest);
  if (operator) return ["operator", operator[0].length];
  if (/[(){}[\],]/.test(ch)) return ["punctuation", 1];
  if (ch === "-") return ["operator", 1];
  const first = String.fromCodePoint(rest.codePointAt(0)!);
  if (!joins.test(first)) return ["word", first.length];
  let n = 0;
  for (const c of rest) {
    if (!joins.test(c)) break;
    n += c.length;
  }
  return ["word", n];
}

/** Everything a query consists of, space included. */
export function tokens(text: string): Token[] {
  const out: Token[] = [];
  for (let at = 0; at < text.length; ) {
    const [kind, n] = one(text, at);
    out.push({ kind, from: at, to: at + n, text: text.slice(at, at + n) });
    at += n;
  }
  const next = (i: number) => out.slice(i + 1).find((t) => t.kind !== "space");
  let pipe = false;
  out.forEach((t, i) => {
    if (t.kind === "pipe") pipe = true;
    if (t.kind !== "word" && t.kind !== "string") return;
    const after = next(i), follows = out[i + 1]?.text;
    const before = out.slice(0, i).reverse().find((x) => x.kind !== "space");
    if (follows === ":") t.kind = "field";
    else if (t.kind === "string") return;
    else if (keywords.has(t.text.toLowerCase()) && before?.text !== ":") t.kind = "keyword";
    else if (before?.kind === "pipe") t.kind = "keyword";
    else if (after?.text === "(" && /^[a-z_]\w*$/i.test(t.text)) t.kind = pipe && (t.text === "by" || t.text === "if") ? "keyword" : "function";
    else if (pipe && /^(by|as|from|at|with|if|desc|asc|limit|offset|format|prefix|in|partition)$/.test(t.text)) t.kind = "keyword";
    else if (/^\d[\d.]*([a-z]{1,2})?$/i.test(t.text)) t.kind = "number";
  });
  return out;
}

/** What a string of a query says; undefined when it cannot be told here. */
export function valueOf(text: string): string | undefined {
  const quote = text[0];
  if (quote !== '"' && quote !== "'" && quote !== "`") return text;
  const inner = text.slice(1, -1);
  if (quote === "`") return inner;
  const escaped = quote === "'" ? inner.replace(/\\'/g, "'").replace(/"/g, '\\"') : inner;
  const json = escaped.replace(/\\x([0-9a-f]{2})/gi, "\\u00$1").replace(/\\a/g, "\\u0007").replace(/\\v/g, "\\u000b");
  try {
    return JSON.parse(`"${json}"`) as string;
  } catch {
    return undefined;
  }
}

/** Where the conditions end and the first pipe begins; the length when there is none. */
export function pipeAt(text: string): number {
  let depth = 0;
  for (const t of tokens(text)) {
    if (t.text === "(") depth++;
    if (t.text === ")") depth--;
    if (t.kind === "pipe" && depth <= 0) return t.from;
  }
  return text.length;
}

/** The conditions of a query, without pipes and without the comment at their end. */
export function conditions(text: string): string {
  const head = text.slice(0, pipeAt(text));
  const last = tokens(head).filter((t) => t.kind !== "space").at(-1);
  return (last?.kind === "comment" ? head.slice(0, last.from) : head).trim();
}

export const isWord = (text: string) => text !== "" && [...text].every((c) => word.test(c)) && !keywords.has(text.toLowerCase());
