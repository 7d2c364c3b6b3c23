import { Modal } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useEffect, useMemo, useState } from "react";
import { searchQuery } from "@/api/platform";
import { useAllActions } from "@/app/actions";
import { targetOf } from "@/components/refs";
import { IconSearch } from "@/ui/icons";
import { Keys } from "@/ui/Kbd";
import { Mark } from "@/ui/Mark";
import { wording } from "@/ui/severity";
import { matches } from "./match";
import classes from "./Palette.module.css";

interface Line {
  id: string;
  group: string;
  label: string;
  sub?: string;
  keys?: string;
  severity?: string;
  disabled?: string;
  run: () => void;
}

export function PaletteButton({ onClick }: { onClick: () => void }) {
  return (
    <button type="button" className={classes.button} onClick={onClick} aria-keyshortcuts="Control+K Meta+K">
      <IconSearch size={15} stroke={1.8} />
      <span className={classes.words}>Search or run a command</span>
      <span className={classes.hint} aria-hidden="true"><Keys keys="mod+k" /></span>
    </button>
  );
}

/** Verbs first, then places, then the objects that match. */
export function Palette({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  return (
    <Modal opened={opened} onClose={onClose} withCloseButton={false} padding={0} size="36rem" yOffset="12dvh" attributes={{ content: { "aria-label": "Search and commands" } }}>
      <Search onClose={onClose} />
    </Modal>
  );
}

function useLines(text: string): { lines: Line[]; searching: boolean } {
  const actions = useAllActions();
  const navigate = useNavigate();
  const [q] = useDebouncedValue(text, 120);
  const found = useQuery(searchQuery(q));
  return useMemo(() => {
    const verbs = (["Actions", "Go to", "View"] as const).flatMap((group) =>
      actions.filter((a) => a.group === group && !a.quiet && matches(text, a.label)).map((a) => ({ ...a })));
    const objects = (text.trim().length > 1 ? (found.data?.hits ?? []) : []).flatMap((h): Line[] => {
      const target = targetOf(h.kind, h.id);
      return target ? [{ id: `${h.kind}/${h.id}`, group: "Objects", label: h.title, sub: [wording(h.kind), h.detail].filter(Boolean).join(" · "), run: () => void navigate({ to: target.to as "/", search: (before) => ({ from: before.from, to: before.to, ...target.search }) }) }] : [];
    });
    return { lines: [...verbs, ...objects], searching: found.isFetching };
  }, [actions, found.data, found.isFetching, navigate, text]);
}

function Search({ onClose }: { onClose: () => void }) {
  const [text, setText] = useState("");
  const [at, setAt] = useState(0);
  const { lines, searching } = useLines(text);
  useEffect(() => setAt(0), [text]);
  const go = (line: Line | undefined) => {
    if (!line || line.disabled) return;
    onClose();
    line.run();
  };
  useEffect(() => document.getElementById(`line-${at}`)?.scrollIntoView({ block: "nearest" }), [at]);
  return (
    <div>
      <input
        className={classes.input}
        data-autofocus
        role="combobox"
        aria-expanded="true"
        aria-controls="palette-lines"
        aria-activedescendant={lines.length ? `line-${at}` : undefined}
        aria-label="Search and commands"
        placeholder="Type a command, a place, or the name of anything"
        value={text}
        onChange={(e) => setText(e.currentTarget.value)}
        onKeyDown={(e) => {
          if (e.key === "ArrowDown" || e.key === "ArrowUp") {
            e.preventDefault();
            setAt((i) => Math.max(0, Math.min(lines.length - 1, i + (e.key === "ArrowDown" ? 1 : -1))));
          } else if (e.key === "Enter") {
            e.preventDefault();
            go(lines[at]);
          }
        }}
      />
      <div id="palette-lines" role="listbox" aria-label="Results" className={classes.lines}>
        {lines.map((line, i) => (
          <div key={line.id} id={`line-${i}`} role="option" aria-selected={i === at} aria-disabled={Boolean(line.disabled)} className={classes.line}
            data-first={line.group !== lines[i - 1]?.group ? line.group : undefined} onMouseMove={() => setAt(i)} onClick={() => go(line)}>
            {line.severity && <Mark level={line.severity} />}
            <span className="cut">{line.label}</span>
            {(line.disabled ?? line.sub) && <span className={classes.sub}>{line.disabled ?? line.sub}</span>}
            <span className={classes.keys}>{line.keys && <Keys keys={line.keys} />}</span>
          </div>
        ))}
        {lines.length === 0 && <div className={classes.none} role="presentation">{searching ? "Searching…" : `Nothing is called “${text}”.`}</div>}
      </div>
    </div>
  );
}
