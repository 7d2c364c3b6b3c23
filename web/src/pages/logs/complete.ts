// What can be written at a place of a query.

import { tokens, valueOf } from "./lex";

export type Place =
  | { what: "field"; from: number; prefix: string; piped: boolean; functions: boolean }
  | { what: "value"; from: number; prefix: string; field: string; quoted: boolean; before: string }
  | { what: "pipe"; from: number; prefix: string }
  | { what: "nothing" };

/** The pipes, with what each does. */
export const pipes: Record<string, string> = {
  stats: "count, sum, average … by fields", sort: "order the lines", limit: "only so many lines", fields: "keep only these fields", uniq: "the different values of fields",
  top: "the commonest values of fields", filter: "one more condition", facets: "the commonest values of every field", extract: "take fields out of a text by a pattern", extract_regexp: "the same by a regular expression",
  unpack_json: "make fields of JSON", unpack_logfmt: "make fields of key=value", unpack_syslog: "make fields of a syslog line", unpack_words: "the words of a text as a list", math: "compute a field",
  rename: "name fields anew", copy: "copy fields", delete: "leave fields out", format: "make a text of fields", replace: "replace a text", replace_regexp: "replace by a regular expression",
  first: "the first lines by a field", last: "the last lines by a field", field_names: "the names of fields", field_values: "the values of a field", stream_context: "the lines around, of the same stream",
  sample: "one line in so many", len: "the length of a field", hash: "a hash of a field", offset: "skip so many lines", pack_json: "make JSON of fields", unroll: "a line for each entry of a list", join: "join with another query", union: "add the lines of another query", collapse_nums: "numbers become a placeholder", drop_empty_fields: "leave empty fields out", decolorize: "leave terminal colours out",
};

/** Functions of stats. */
export const totals: Record<string, string> = {
  count: "how many lines", count_uniq: "how many different values", count_empty: "how many have no value", sum: "the sum", avg: "the mean", min: "the least", max: "the greatest", median: "the middle", quantile: "a quantile: quantile(0.99, field)",
  rate: "lines a second", rate_sum: "the sum a second", uniq_values: "the different values", values: "all values", histogram: "a histogram", row_any: "one line", row_min: "the line of the least", row_max: "the line of the greatest", sum_len: "the bytes of values",
};

/** What may stand after the colon. */
export const filters: Record<string, string> = {
  "in": "one of: in(\"a\", \"b\")", "i": "in any case: i(\"error\")", "re": "a regular expression", "range": "between: range[1, 5]", "ipv4_range": "addresses: ipv4_range(\"10.0.0.0/8\")", "len_range": "of a length: len_range(5, 10)",
  "contains_any": "any of these words", "contains_all": "all of these words", "seq": "these words in order", "exact": "the whole value", "string_range": "between, as texts", "eq_field": "the same as another field", "value_type": "stored as this type",
};

/** What stands before the cursor, and what can follow. */
export function placeAt(text: string, at: number): Place {
  const before = text.slice(0, at);
  const all = tokens(before);
  const last = all.at(-1);
  if (last?.kind === "comment") return { what: "nothing" };
  const solid = all.filter((t) => t.kind !== "space" && t.kind !== "comment");
  const pipeIndex = solid.findLastIndex((t) => t.kind === "pipe");
  const piped = pipeIndex >= 0;
  // The piece that is being written: a word, an open quote, or nothing.
  const open = last?.kind === "broken" ? last : undefined;
  const piece = open ?? (last && (last.kind === "word" || last.kind === "number" || last.kind === "keyword" || last.kind === "function") ? last : undefined);
  const from = piece ? piece.from : at;
  const prefix = piece ? (open ? piece.text.slice(1) : piece.text) : "";
  const earlier = piece ? solid.slice(0, -1) : solid;
  const field = fieldBefore(earlier, open ? undefined : last?.kind === "space");
  if (field !== undefined) return { what: "value", from, prefix, field: field.name, quoted: Boolean(open), before: text.slice(0, field.from) };
  if (open || last?.kind === "string") return { what: "nothing" };
  const previous = earlier.at(-1);
  if (previous?.kind === "pipe") return { what: "pipe", from, prefix };
  const head = piped ? solid[pipeIndex + 1]?.text : undefined;
  const inBy = previous?.text === "(" || previous?.text === "," || previous?.text === "by";
  const functions = head === "stats" && (earlier.at(-1) === solid[pipeIndex + 1] || previous?.text === "," || previous?.text === ")");
  if (piped && head !== "filter" && head !== "where" && !inBy && !functions && !/^(fields|keep|sort|uniq|top|delete|del|rm|drop|copy|cp|rename|mv|field_values|first|last|len|hash|unpack_json|unpack_logfmt|extract|where|filter)$/.test(head ?? "")) return { what: "nothing" };
  return { what: "field", from, prefix, piped, functions };
}

/** The field whose value is being written: what stands before a colon and an operator, with no space in between. */
function fieldBefore(solid: ReturnType<typeof tokens>, spaced?: boolean): { name: string; from: number } | undefined {
  let i = solid.length - 1;
  const inList = () => {
    // in("a", ": the list of a function right after the colon.
    let j = i;
    while (j >= 0 && (solid[j]!.text === "," || solid[j]!.kind === "string" || solid[j]!.kind === "word" || solid[j]!.kind === "number")) j--;
    return solid[j]?.text === "(" && (solid[j - 1]?.text === "in" || solid[j - 1]?.text === "contains_any" || solid[j - 1]?.text === "contains_all" || solid[j - 1]?.text === "exact" || solid[j - 1]?.text === "i") ? j - 2 : undefined;
  };
  const listed = solid[i]?.text === "(" || solid[i]?.text === "," ? inList() : undefined;
  if (listed !== undefined) i = listed;
  else {
    if (spaced) return undefined;
    while (i >= 0 && /^(=|!|!=|=~|!~|~|>|<|>=|<=)$/.test(solid[i]!.text)) i--;
  }
  if (solid[i]?.text !== ":" || i < 1) return undefined;
  const name = valueOf(solid[i - 1]!.text);
  return name ? { name, from: solid[i - 1]!.from } : undefined;
}
