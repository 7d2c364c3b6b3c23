import { autocompletion, closeBrackets, completionKeymap, type CompletionContext } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { HighlightStyle, syntaxHighlighting } from "@codemirror/language";
import { Compartment, EditorState, Prec } from "@codemirror/state";
import { EditorView, keymap, placeholder, tooltips } from "@codemirror/view";
import { PromQLExtension } from "@prometheus-io/codemirror-promql";
import { tags } from "@lezer/highlight";
import { useEffect, useRef } from "react";
import classes from "./Promql.module.css";

interface Props {
  label: string;
  value: string;
  onChange: (text: string) => void;
  /** Shift and Enter, or Enter where one line is meant. */
  onRun?: () => void;
  /** Names of variables that complete after $. */
  variables?: string[];
}

const style = HighlightStyle.define([
  { tag: tags.name, color: "var(--text)" },
  { tag: [tags.number, tags.string], color: "var(--series-1)" },
  { tag: [tags.keyword, tags.function(tags.variableName), tags.modifier], color: "var(--series-1)" },
  { tag: tags.labelName, color: "var(--series-2)" },
  { tag: [tags.operator, tags.paren, tags.squareBracket, tags.brace], color: "var(--text-2)" },
  { tag: tags.comment, color: "var(--text-2)", fontStyle: "italic" },
]);

const times = ["__interval", "__rate_interval", "__range"];

/** Completes what follows a $. */
function variablesAt(names: string[]) {
  return (c: CompletionContext) => {
    const at = c.matchBefore(/\$\w*/);
    return at && { from: at.from, options: [...names, ...times].map((n) => ({ label: `$${n}`, type: "variable" })), validFor: /^\$\w*$/ };
  };
}

/** PromQL with what completes itself: metrics, labels, values, functions. */
export default function PromqlEditor({ label, value, onChange, onRun, variables = [] }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView>(undefined);
  const latest = useRef({ onChange, onRun });
  latest.current = { onChange, onRun };
  const named = useRef(new Compartment());
  const names = variables.join(" ");
  const completing = () => {
    const promql = new PromQLExtension().activateLinter(false).setComplete({ remote: { url: "/prometheus", httpMethod: "GET", cache: { maxAge: 60_000 } } });
    return [promql.asExtension(), EditorState.languageData.of(() => [{ autocomplete: variablesAt(names ? names.split(" ") : []) }])];
  };
  useEffect(() => {
    const v = new EditorView({
      parent: box.current!,
      state: EditorState.create({
        doc: value,
        extensions: [
          history(), closeBrackets(), autocompletion(), EditorView.lineWrapping, placeholder("PromQL"), syntaxHighlighting(style), tooltips({ parent: document.body, position: "fixed" }),
          named.current.of(completing()),
          Prec.highest(keymap.of([{ key: "Shift-Enter", run: () => { latest.current.onRun?.(); return true; } }, { key: "Mod-Enter", run: () => { latest.current.onRun?.(); return true; } }])),
          keymap.of([...completionKeymap, ...historyKeymap, ...defaultKeymap]),
          EditorView.updateListener.of((u) => { if (u.docChanged) latest.current.onChange(u.state.doc.toString()); }),
          EditorView.contentAttributes.of({ "aria-label": label, autocapitalize: "off", autocorrect: "off", spellcheck: "false" }),
          EditorView.theme({ "&.cm-focused": { outline: "none" }, ".cm-content": { caretColor: "var(--text)" }, ".cm-cursor": { borderLeftColor: "var(--text)" } }),
        ],
      }),
    });
    view.current = v;
    return () => v.destroy();
    // The editor lives as long as its place; what changes is applied below.
  }, []);
  useEffect(() => { view.current?.dispatch({ effects: named.current.reconfigure(completing()) }); }, [names]);
  useEffect(() => {
    const v = view.current;
    if (v && v.state.doc.toString() !== value) v.dispatch({ changes: { from: 0, to: v.state.doc.length, insert: value } });
  }, [value]);
  return <div ref={box} className={classes.editor} />;
}
