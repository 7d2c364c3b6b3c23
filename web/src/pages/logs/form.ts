// A search as a form, for people who do not write LogsQL, and back. A query that
// no form makes is told with the reason, and stays as it is.

import { isWord, tokens, valueOf, type Token } from "./lex";
import { fieldName } from "./logsql";

export type Operator = "is" | "contains" | "anycase" | "starts" | "matches" | "in" | "above" | "atleast" | "below" | "atmost" | "there";

export interface Row {
  field: string;
  operator: Operator;
  not: boolean;
  /** Of "in": one a line. Of "there": nothing. */
  value: string;
}

export interface Form {
  /** Words and "phrases" the message has. */
  words: string;
  /** Words and "phrases" it has not. */
  without: string;
  rows: Row[];
}

export const operators: { value: Operator; label: string; not?: string }[] = [
  { value: "is", label: "is", not: "is not" },
  { value: "contains", label: "has the words", not: "has not the words" },
  { value: "anycase", label: "has, in any case", not: "has not, in any case" },
  { value: "starts", label: "begins with", not: "does not begin with" },
  { value: "matches", label: "matches (regular expression)", not: "does not match" },
  { value: "in", label: "is one of", not: "is none of" },
  { value: "above", label: "is above" },
  { value: "atleast", label: "is at least" },
  { value: "below", label: "is below" },
  { value: "atmost", label: "is at most" },
  { value: "there", label: "is there", not: "is missing" },
];

const compare: Partial<Record<Operator, string>> = { above: ">", atleast: ">=", below: "<", atmost: "<=" };
const numeric = /^-?\d[\w.]*$/;

/** Splits what a person writes into words and "phrases". */
export function wordsOf(text: string): string[] {
  return [...text.matchAll(/"([^"]*)"?|(\S+)/g)].map((m) => m[1] ?? m[2]!).filter(Boolean);
}

const phrase = (text: string) => (isWord(text) ? text : JSON.stringify(text));
const shown = (text: string) => (/[\s"]/.test(text) ? `"${text}"` : text);

/** The query of a form. */
export function write(form: Form): string {
  const terms = [...wordsOf(form.words).map(phrase), ...wordsOf(form.without).map((w) => `!${phrase(w)}`)];
  for (const r of form.rows) {
    const term = r.field && termOf(r);
    if (term) terms.push(term);
  }
  return terms.join(" ");
}

function termOf(r: Row): string {
  const f = fieldName(r.field), not = r.not ? "!" : "";
  if (r.operator === "there") return `${r.not ? "" : "!"}${f}:""`;
  if (r.value === "") return "";
  const sign = compare[r.operator];
  if (sign) return `${f}:${sign}${numeric.test(r.value) ? r.value : JSON.stringify(r.value)}`;
  const quoted = JSON.stringify(r.value);
  switch (r.operator) {
    case "contains": return `${not}${f}:${phrase(r.value)}`;
    case "anycase": return `${not}${f}:i(${quoted})`;
    case "starts": return `${not}${f}:=${quoted}*`;
    case "matches": return `${not}${f}:~${quoted}`;
    case "in": return `${not}${f}:in(${r.value.split("\n").filter(Boolean).map((v) => JSON.stringify(v)).join(",")})`;
    default: return `${not}${f}:=${quoted}`;
  }
}

export type Read = { form: Form; why?: undefined } | { form?: undefined; why: string };

/** The form of a query, or why there is none. */
export function read(query: string): Read {
  const all = tokens(query).filter((t) => t.kind !== "space");
  const form: Form = { words: "", without: "", rows: [] };
  const words: string[] = [], without: string[] = [];
  let at = 0;
  const peek = (n = 0): Token | undefined => all[at + n];
  const fail = (why: string): Read => ({ why });
  if (all.length === 1 && all[0]!.text === "*") return { form };
  if (all.some((t) => t.kind === "broken")) return fail("a quote is not closed");
  while (at < all.length) {
    const t = peek()!;
    if (t.kind === "pipe") return fail("it goes on with a pipe");
    if (t.kind === "comment") return fail("it has a comment");
    if (t.kind === "keyword" && t.text.toLowerCase() === "and") { at++; continue; }
    if (t.kind === "keyword" && t.text.toLowerCase() === "or") return fail("it joins conditions with or");
    let not = false;
    while (peek() && (peek()!.text === "!" || peek()!.text === "-" || (peek()!.kind === "keyword" && peek()!.text.toLowerCase() === "not"))) { not = !not; at++; }
    const first = peek();
    if (!first) return fail("it ends in the middle");
    if (first.text === "(") return fail("it groups conditions in parentheses");
    if (first.text === "{") return fail("it has a filter of streams");
    if (first.kind === "field") {
      const row = condition(all, at, not);
      if (typeof row === "string") return fail(row);
      form.rows.push(row.row);
      at = row.next;
      continue;
    }
    const value = first.kind === "word" || first.kind === "number" || first.kind === "string" ? valueOf(first.text) : undefined;
    const after = peek(1);
    if (value === undefined || value === "" || (value.includes('"')) || (after && after.from === first.to && (after.text === "*" || after.text === "("))) return fail(`the form has no words for ${snippet(query, first.from)}`);
    (not ? without : words).push(shown(value));
    at++;
  }
  return { form: { ...form, words: words.join(" "), without: without.join(" ") } };
}

const snippet = (query: string, from: number) => query.slice(from, from + 24) + (query.length > from + 24 ? "…" : "");
const signs: Record<string, Operator> = { ">": "above", ">=": "atleast", "<": "below", "<=": "atmost" };

function condition(all: Token[], at: number, not: boolean): { row: Row; next: number } | string {
  const field = valueOf(all[at]!.text);
  const no = `the form has no words for the condition on ${field ?? all[at]!.text}`;
  if (!field) return no;
  let i = at + 2; // the name, and the colon
  const next = () => all[i];
  const done = (operator: Operator, value: string, turned = not) => ({ row: { field, operator, not: turned, value }, next: i });
  const literal = () => {
    const t = next();
    const v = t && (t.kind === "word" || t.kind === "string" || t.kind === "number" || t.kind === "keyword") ? valueOf(t.text) : undefined;
    if (v !== undefined) i++;
    return v;
  };
  let t = next();
  if (!t) return "it ends in the middle";
  if (t.text === "!" || t.text === "!=" || t.text === "!~") {
    not = !not;
    if (t.text === "!") t = all[++i];
    else t = { ...t, text: t.text.slice(1) };
    if (!t) return "it ends in the middle";
  }
  const sign = signs[t.text];
  if (sign) {
    i++;
    const minus = next()?.text === "-";
    if (minus) i++;
    const v = literal();
    return v === undefined || not ? no : done(sign, (minus ? "-" : "") + v);
  }
  if (t.text === "=" || t.text === "~") {
    i++;
    const v = literal();
    if (v === undefined) return no;
    if (t.text === "~") return done("matches", v, not);
    if (next()?.text === "*" && next()!.from === all[i - 1]!.to) { i++; return done("starts", v, not); }
    return v === "" ? done("there", "", !not) : done("is", v, not);
  }
  if (t.text === "*") { i++; return done("there", "", not); }
  if (t.kind === "function" && (t.text === "i" || t.text === "in")) {
    const values: string[] = [];
    i += 2;
    while (next() && next()!.text !== ")") {
      if (next()!.text === ",") { i++; continue; }
      const v = literal();
      if (v === undefined) return no;
      values.push(v);
    }
    if (!next() || values.length === 0 || (t.text === "i" && values.length > 1) || values.some((v) => v === "" || v.includes("\n"))) return no;
    i++;
    return done(t.text === "i" ? "anycase" : "in", values.join("\n"), not);
  }
  const v = literal();
  if (v === undefined || next()?.text === "*" && next()!.from === all[i - 1]!.to || t.kind === "function") return no;
  return v === "" ? done("there", "", !not) : done("contains", v, not);
}
