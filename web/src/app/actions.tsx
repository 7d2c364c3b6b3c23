import { createContext, useContext, useEffect, useLayoutEffect, useMemo, useRef, useState, type ReactNode } from "react";

/** Something a person can do here: listed in the palette, and on keys when it has some. */
export interface Action {
  id: string;
  label: string;
  group: "Actions" | "Go to" | "View";
  /** "g o" is a sequence, "shift+ArrowLeft" a chord. */
  keys?: string;
  /** Works on its keys while a dialog is open: it is the dialog's own. */
  dialog?: boolean;
  /** Why it cannot be done now; shown instead of doing it. */
  disabled?: string;
  /** Only on keys: not worth a line in the palette. */
  quiet?: boolean;
  run: () => void;
}

type Store = {
  actions: Action[];
  add: (list: Action[]) => () => void;
};

const Context = createContext<Store | undefined>(undefined);

export function ActionsProvider({ children }: { children: ReactNode }) {
  const [sets, setSets] = useState<ReadonlyMap<number, Action[]>>(new Map());
  const counter = useRef(0);
  const actions = useMemo(() => [...sets.values()].flat(), [sets]);
  const add = useRef((list: Action[]) => {
    const id = counter.current++;
    setSets((before) => new Map(before).set(id, list));
    return () =>
      setSets((before) => {
        const next = new Map(before);
        next.delete(id);
        return next;
      });
  }).current;
  useKeys(actions);
  const store = useMemo(() => ({ actions, add }), [actions, add]);
  return <Context.Provider value={store}>{children}</Context.Provider>;
}

function useStore(): Store {
  const store = useContext(Context);
  if (!store) throw new Error("actions outside of ActionsProvider");
  return store;
}

export const useAllActions = () => useStore().actions;

/** Offers actions for as long as the component is on the screen. */
export function useActions(list: Action[]) {
  const { add } = useStore();
  const latest = useRef(list);
  latest.current = list;
  const shape = JSON.stringify(list.map((a) => [a.id, a.label, a.keys, a.disabled, a.quiet]));
  // In the commit that shows them: a key pressed as soon as they are seen finds them.
  useLayoutEffect(
    () => add(latest.current.map((a) => ({ ...a, run: () => latest.current.find((b) => b.id === a.id)?.run() }))),
    [add, shape],
  );
}

/** The name of a key press: "g", "?", "shift+ArrowLeft", "mod+k". */
export function strokeOf(e: Pick<KeyboardEvent, "key" | "ctrlKey" | "metaKey" | "altKey" | "shiftKey">): string {
  const parts: string[] = [];
  if (e.ctrlKey || e.metaKey) parts.push("mod");
  if (e.altKey) parts.push("alt");
  if (e.shiftKey && e.key.length > 1) parts.push("shift");
  parts.push(e.key.length === 1 ? e.key.toLowerCase() : e.key);
  return parts.join("+");
}

/** Whether keys typed there are text. */
export const writable = (t: EventTarget | null) =>
  t instanceof HTMLElement && (t.isContentEditable || /^(TEXTAREA|SELECT)$/.test(t.tagName) || (t instanceof HTMLInputElement && !/^(checkbox|radio|button)$/.test(t.type)));

function useKeys(actions: Action[]) {
  const latest = useRef(actions);
  latest.current = actions;
  useEffect(() => {
    let pending = "";
    let timer: ReturnType<typeof setTimeout> | undefined;
    const onKey = (e: KeyboardEvent) => {
      if (e.defaultPrevented || e.isComposing) return;
      const stroke = strokeOf(e);
      if (writable(e.target) && !stroke.startsWith("mod+")) return;
      // A dialog keeps its keys to itself.
      const dialog = Boolean(document.querySelector("[role=dialog][aria-modal=true]")) && stroke !== "mod+k";
      const live = dialog ? latest.current.filter((a) => a.dialog) : latest.current;
      const typed = pending ? `${pending} ${stroke}` : stroke;
      clearTimeout(timer);
      pending = "";
      const found = live.findLast((a) => a.keys === typed) ?? live.findLast((a) => a.keys === stroke);
      if (found) {
        e.preventDefault();
        if (!found.disabled) found.run();
      } else if (live.some((a) => a.keys?.startsWith(`${stroke} `))) {
        pending = stroke;
        timer = setTimeout(() => (pending = ""), 1200);
      }
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, []);
}
