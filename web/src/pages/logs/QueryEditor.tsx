import { acceptCompletion, autocompletion, closeBrackets, completionKeymap, completionStatus, startCompletion, type Completion, type CompletionContext, type CompletionResult } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { HighlightStyle, StreamLanguage, syntaxHighlighting, type StringStream } from "@codemirror/language";
import { setDiagnostics } from "@codemirror/lint";
import { EditorState, Prec } from "@codemirror/state";
import { EditorView, keymap, placeholder, tooltips } from "@codemirror/view";
import { Tag, tags } from "@lezer/highlight";
import { useEffect, useRef } from "react";
import { filters, pipes, placeAt, totals } from "./complete";
import { tokens, type Kind } from "./lex";
import { fieldName } from "./logsql";
import classes from "./Search.module.css";

interface Named { value: string; hits: number }

interface Props {
  value: string;
  onChange: (text: string) => void;
  onRun: () => void;
  /** The fields that lines of the range have. */
  fields: () => Promise<Named[]>;
  /** The commonest values of a field that begin so. */
  values: (field: string, prefix: string) => Promise<Named[]>;
  /** Where the engine says it is wrong, and why. */
  fault?: { at: number; text: string };
}

const field = Tag.define(), pipe = Tag.define();
const style = HighlightStyle.define([
  { tag: [tags.string, tags.number], color: "var(--series-1)" },
  { tag: tags.keyword, color: "var(--series-2)" },
  { tag: tags.function(tags.variableName), color: "var(--series-5)" },
  { tag: field, color: "var(--series-4)" },
  { tag: [tags.operator, tags.punctuation], color: "var(--text-2)" },
  { tag: pipe, color: "var(--text)", fontWeight: "600" },
  { tag: tags.comment, color: "var(--text-2)", fontStyle: "italic" },
  { tag: tags.invalid, color: "var(--series-1)" },
]);
const names: Record<Kind, string | null> = { space: null, comment: "comment", string: "string", word: null, number: "number", field: "field", operator: "operator", punctuation: "punctuation", pipe: "pipe", keyword: "keyword", function: "fn", broken: "invalid" };

/** Colours line by line: a string does not go over the end of one. */
const language = StreamLanguage.define<{ line: string; list: { to: number; name: string | null }[] }>({
  name: "logsql",
  startState: () => ({ line: "", list: [] }),
  token(stream: StringStream, state) {
    if (stream.sol() || state.line !== stream.string) {
      state.line = stream.string;
      state.list = tokens(stream.string).map((t) => ({ to: t.to, name: names[t.kind] }));
    }
    const t = state.list.find((x) => x.to > stream.pos);
    stream.pos = t?.to ?? stream.string.length;
    return t?.name ?? null;
  },
  tokenTable: { field, pipe, fn: tags.function(tags.variableName), invalid: tags.invalid },
});

const described = (all: Record<string, string>, type: string, apply?: (n: string) => string): Completion[] =>
  Object.entries(all).map(([label, detail]) => ({ label, detail, type, boost: -1, ...(apply ? { apply: apply(label) } : {}) }));
const bareValue = /^[A-Za-z_][\w.]*$/;

/** LogsQL with what completes itself: fields, values, pipes, functions. Enter asks; Shift and Enter begins a line. */
export default function QueryEditor({ value, onChange, onRun, fields, values, fault }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView>(undefined);
  const latest = useRef({ onChange, onRun, fields, values });
  latest.current = { onChange, onRun, fields, values };
  useEffect(() => {
    const complete = async (c: CompletionContext): Promise<CompletionResult | null> => {
      const place = placeAt(c.state.doc.toString(), c.pos);
      const named = async (ask: Promise<Named[]>) => ask.catch(() => [] as Named[]);
      switch (place.what) {
        case "pipe":
          return { from: place.from, options: described(pipes, "keyword"), validFor: /^\w*$/ };
        case "value": {
          const list = await named(latest.current.values(place.field, place.prefix));
          const options: Completion[] = list.filter((v) => v.value !== "").map((v, i) => ({
            label: v.value, detail: v.hits ? v.hits.toLocaleString("en") : undefined, type: "constant", boost: 50 - i,
            apply: place.quoted || !bareValue.test(v.value) ? JSON.stringify(v.value) : v.value,
          }));
          // The bracket that closed itself behind the cursor is written over.
          const closing = place.quoted && c.state.sliceDoc(c.pos, c.pos + 1) === '"' ? 1 : 0;
          if (!place.quoted) options.push(...described(filters, "function", (n) => (n === "range" ? "range[" : `${n}(`)));
          return options.length ? { from: place.from, to: c.pos + closing, options, filter: true, ...(place.quoted ? { filter: false } : {}) } : null;
        }
        case "field": {
          if (!c.explicit && place.prefix === "" && !place.piped) return null;
          const list = await named(latest.current.fields());
          const options: Completion[] = list.map((f) => ({ label: f.value, detail: f.hits.toLocaleString("en"), type: "property", apply: place.piped ? fieldName(f.value) : `${fieldName(f.value)}:` }));
          if (place.functions) options.push(...described({ ...totals }, "function", (n) => `${n}(`), { label: "by", type: "keyword", apply: "by (" });
          else if (!place.piped) options.push(...["and", "or", "not"].map((label) => ({ label, type: "keyword", boost: -50 })));
          return { from: place.from, options, validFor: /^[\w.]*$/ };
        }
        default:
          return null;
      }
    };
    const run = () => { latest.current.onRun(); return true; };
    const v = new EditorView({
      parent: box.current!,
      state: EditorState.create({
        doc: value,
        extensions: [
          history(), closeBrackets(), autocompletion({ override: [complete], icons: false, activateOnCompletion: (c) => c.type === "property" }), EditorView.lineWrapping,
          placeholder('Words, or LogsQL: error app:nginx "connection refused"'), language, syntaxHighlighting(style), tooltips({ parent: document.body, position: "fixed" }),
          Prec.highest(keymap.of([
            { key: "Tab", run: acceptCompletion },
            { key: "Enter", run: (e) => (completionStatus(e.state) === "active" && acceptCompletion(e)) || run() },
            { key: "Mod-Enter", run },
          ])),
          keymap.of([...completionKeymap, ...historyKeymap, ...defaultKeymap]),
          EditorView.updateListener.of((u) => {
            if (!u.docChanged) return;
            latest.current.onChange(u.state.doc.toString());
            // After a colon its values are what is wanted next.
            if (u.transactions.some((t) => t.isUserEvent("input")) && /[:=]$/.test(u.state.sliceDoc(0, u.state.selection.main.head))) setTimeout(() => startCompletion(u.view));
          }),
          EditorView.contentAttributes.of({ "aria-label": "Query", "data-search": "", autocapitalize: "off", autocorrect: "off", spellcheck: "false" }),
          EditorView.theme({ "&.cm-focused": { outline: "none" }, ".cm-content": { caretColor: "var(--text)" }, ".cm-cursor": { borderLeftColor: "var(--text)" } }),
        ],
      }),
    });
    view.current = v;
    return () => v.destroy();
    // The editor lives as long as its place; what changes is applied below.
  }, []);
  useEffect(() => {
    const v = view.current;
    if (v && v.state.doc.toString() !== value) v.dispatch({ changes: { from: 0, to: v.state.doc.length, insert: value }, selection: { anchor: value.length } });
  }, [value]);
  useEffect(() => {
    const v = view.current;
    if (!v) return;
    const length = v.state.doc.length;
    const to = Math.min(fault && fault.at >= 0 ? fault.at : length, length);
    // The last piece that was read before it gave up.
    const from = tokens(v.state.doc.toString().slice(0, to)).filter((t) => t.kind !== "space").at(-1)?.from ?? 0;
    v.dispatch(setDiagnostics(v.state, fault && length ? [{ from: Math.min(from, Math.max(0, to - 1)), to: Math.max(to, 1), severity: "error", message: fault.text }] : []));
  }, [fault?.at, fault?.text]);
  return <div ref={box} className={classes.editor} data-wrong={Boolean(fault) || undefined} />;
}
