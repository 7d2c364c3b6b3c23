import { useRef, type RefObject } from "react";
import { nextIndent } from "@/format/yaml";
import classes from "./Yaml.module.css";

/** A text of lines with their numbers; the wrong ones are marked. Enter keeps the indentation. */
export function YamlEditor({ value, onChange, wrong, readOnly, label, area }: { value: string; onChange?: (v: string) => void; wrong?: Set<number>; readOnly?: boolean; label: string; area?: RefObject<HTMLTextAreaElement | null> }) {
  const gutter = useRef<HTMLDivElement>(null);
  const count = value.split("\n").length;
  return (
    <div className={`${classes.editor} ${classes.grow}`}>
      <div ref={gutter} className={classes.gutter} aria-hidden="true">
        {Array.from({ length: count }, (_, i) => <div key={i} data-wrong={wrong?.has(i + 1) || undefined}>{i + 1}</div>)}
      </div>
      <textarea ref={area} className={classes.text} aria-label={label} value={value} readOnly={readOnly} spellCheck={false} autoCapitalize="off" autoCorrect="off" wrap="off"
        aria-invalid={Boolean(wrong?.size)} onChange={(e) => onChange?.(e.currentTarget.value)}
        onScroll={(e) => { if (gutter.current) gutter.current.scrollTop = e.currentTarget.scrollTop; }}
        onKeyDown={(e) => {
          if (e.key !== "Enter" || readOnly || e.shiftKey || e.metaKey || e.ctrlKey) return;
          const t = e.currentTarget, from = t.selectionStart;
          const line = value.slice(value.lastIndexOf("\n", from - 1) + 1, from);
          e.preventDefault();
          // Kept in the browser's own undo history.
          document.execCommand("insertText", false, `\n${nextIndent(line)}`);
        }} />
    </div>
  );
}

/** Puts the cursor on a line and shows it. */
export function goTo(area: HTMLTextAreaElement | null, line: number) {
  if (!area) return;
  const lines = area.value.split("\n");
  const at = lines.slice(0, line - 1).reduce((n, l) => n + l.length + 1, 0);
  area.focus();
  area.setSelectionRange(at, at + (lines[line - 1]?.length ?? 0));
  area.scrollTop = Math.max(0, (line - 4) * 18);
}
