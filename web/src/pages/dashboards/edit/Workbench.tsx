import { Button, Modal, TextInput } from "@mantine/core";
import { useBlocker } from "@tanstack/react-router";
import { useState } from "react";
import type { Dashboard, Panel, Spec } from "@/api/dashboards";
import { useActions } from "@/app/actions";
import { ConfirmButton } from "@/components/ConfirmButton";
import { told } from "@/components/toast";
import { YamlEditor } from "@/components/YamlEditor";
import { Empty } from "@/ui/Empty";
import { IconRedo, IconUndo } from "@/ui/icons";
import { PageHead } from "@/ui/Panel";
import { Board } from "../Board";
import { below, settle } from "../grid";
import classes from "./Edit.module.css";
import { begin, change, redo, undo } from "./history";
import { fresh, kinds, labelOf } from "./kinds";
import { PanelEditor } from "./PanelEditor";
import { Save } from "./Save";
import { Settings } from "./Settings";

interface Props {
  /** Without one it is a new dashboard. */
  before?: Dashboard;
  start: Spec;
  /** The panel whose editor is opened at once. */
  at?: number;
  onDone: (saved?: Dashboard) => void;
}

/** A dashboard while it is changed: nothing is stored before Save, everything can be taken back. */
export function Workbench({ before, start, at, onDone }: Props) {
  const [h, setH] = useState(() => begin(start));
  const [editing, setEditing] = useState(at);
  const [open, setOpen] = useState<"add" | "settings" | "save" | "json">();
  const [leaving, setLeaving] = useState(false);
  const spec = h.now;
  const panels = spec.panels ?? [];
  const dirty = JSON.stringify(spec) !== JSON.stringify(start);
  const set = (next: Spec, about?: string) => setH((old) => change(old, next, about));
  const setPanels = (list: Panel[], about?: string) => set({ ...spec, panels: list }, about);
  const blocker = useBlocker({ shouldBlockFn: ({ current, next }) => dirty && !leaving && current.pathname !== next.pathname, enableBeforeUnload: () => dirty && !leaving, withResolver: true });
  const leave = (d?: Dashboard) => { setLeaving(true); setTimeout(() => onDone(d), 0); };
  const back = () => { setH(undo(h)); if (editing !== undefined && !h.past.at(-1)?.panels?.[editing]) setEditing(undefined); };
  useActions([
    { id: "board-undo", label: "Undo", group: "Actions", keys: "mod+z", disabled: h.past.length ? undefined : "There is nothing to take back", run: back },
    { id: "board-redo", label: "Redo", group: "Actions", keys: "mod+y", disabled: h.future.length ? undefined : "Nothing was taken back", run: () => setH(redo(h)) },
    { id: "board-save", label: "Save the dashboard", group: "Actions", keys: "mod+s", disabled: dirty || !before ? undefined : "Nothing was changed", run: () => setOpen("save") },
    { id: "board-add", label: "Add a panel", group: "Actions", keys: "a", run: () => setOpen("add") },
  ]);
  const add = (p: Panel) => { setPanels([...panels, p]); setOpen(undefined); if (p.type !== "row") setEditing(panels.length); };
  const tidy = (list: Panel[]) => { const places = settle(list.map((p) => p.at)); return list.map((p, i) => ({ ...p, at: places[i]! })); };
  const current = editing === undefined ? undefined : panels[editing];
  return (
    <>
      <PageHead title={current ? current.title || labelOf(current.type) : spec.title || "New dashboard"} sub={<span>{current ? `A panel of ${spec.title || "the dashboard"}` : dirty ? "Changed, not saved" : before ? "Being edited" : "New"}</span>}
        actions={<div className={classes.tools}>
          <Button variant="default" px="xs" aria-label="Undo" title="Undo (Ctrl Z)" disabled={!h.past.length} onClick={back}><IconUndo size={14} /></Button>
          <Button variant="default" px="xs" aria-label="Redo" title="Redo (Ctrl Y)" disabled={!h.future.length} onClick={() => setH(redo(h))}><IconRedo size={14} /></Button>
          {current ? <Button variant="default" onClick={() => setEditing(undefined)}>Back to the dashboard</Button> : <>
            <Button variant="default" onClick={() => setOpen("add")}>Add a panel</Button>
            <Button variant="default" onClick={() => setOpen("settings")}>Settings</Button>
            <Button variant="default" onClick={() => setOpen("json")}>JSON</Button>
          </>}
          {dirty ? <ConfirmButton question="What you changed is not saved." yes="Discard it" onYes={() => leave()}>Discard</ConfirmButton> : <Button variant="default" onClick={() => leave()}>Close</Button>}
          <Button disabled={!dirty && Boolean(before)} onClick={() => setOpen("save")}>Save</Button>
        </div>} />
      {!before && !current && <TextInput label="Title" maw="24rem" value={spec.title} onChange={(e) => set({ ...spec, title: e.currentTarget.value }, "title")} />}
      <Board spec={spec}
        doings={(i) => ({
          edit: () => setEditing(i),
          duplicate: () => { setPanels([...panels, { ...panels[i]!, at: { ...panels[i]!.at, x: 0, y: below(panels.map((p) => p.at)) } }]); told("A copy is at the end"); },
          remove: () => setPanels(tidy(panels.filter((_p, n) => n !== i))),
        })}
        onPlaces={(places) => setPanels(panels.map((p, i) => ({ ...p, at: places[i]! })))}
        instead={current && <PanelEditor key={editing} panel={current} variables={spec.variables ?? []} set={(p, about) => setPanels(panels.map((x, n) => (n === editing ? p : x)), `${editing} ${about}`)} onDone={() => setEditing(undefined)} />}
        empty={<Empty title="There are no panels yet" action={<Button onClick={() => setOpen("add")}>Add a panel</Button>} />} />
      {open === "add" && <Add onClose={() => setOpen(undefined)} onAdd={add} y={below(panels.map((p) => p.at))} />}
      {open === "settings" && <Settings spec={spec} set={set} onClose={() => setOpen(undefined)} />}
      {open === "json" && <Json spec={spec} onClose={() => setOpen(undefined)} onTake={(s) => { set(s); setOpen(undefined); }} />}
      {open === "save" && <Save before={before} spec={spec} onClose={() => setOpen(undefined)} onSaved={leave} />}
      {blocker.status === "blocked" && (
        <Modal opened onClose={blocker.reset} title="What you changed is not saved" closeButtonProps={{ "aria-label": "Close" }}>
          <div className="row"><Button data-autofocus onClick={blocker.reset}>Go on editing</Button><Button variant="default" onClick={blocker.proceed}>Discard it</Button></div>
        </Modal>
      )}
    </>
  );
}

function Add({ onClose, onAdd, y }: { onClose: () => void; onAdd: (p: Panel) => void; y: number }) {
  return (
    <Modal opened onClose={onClose} size="lg" title="Add a panel" closeButtonProps={{ "aria-label": "Close" }}>
      <div className={classes.kinds}>{kinds.map((k) => <button key={k.type} type="button" className={classes.kind} onClick={() => onAdd(fresh(k, y))}><strong>{k.label}</strong><span>{k.what}</span></button>)}</div>
    </Modal>
  );
}

function Json({ spec, onClose, onTake }: { spec: Spec; onClose: () => void; onTake: (s: Spec) => void }) {
  const [text, setText] = useState(() => JSON.stringify(spec, null, 2));
  const [wrong, setWrong] = useState<string>();
  const take = () => {
    try {
      const made = JSON.parse(text) as Spec;
      if (typeof made !== "object" || made === null || typeof made.title !== "string" || (made.panels && !Array.isArray(made.panels))) throw new Error("a dashboard is an object with a title and a list of panels");
      onTake(made);
    } catch (e) {
      setWrong((e as Error).message);
    }
  };
  return (
    <Modal opened onClose={onClose} size="xl" title="The dashboard as JSON" closeButtonProps={{ "aria-label": "Close" }}>
      <div className="stack"><YamlEditor label="JSON of the dashboard" value={text} onChange={setText} />{wrong && <p role="alert">{wrong}</p>}<div className="row"><Button onClick={take}>Take it over</Button><Button variant="default" onClick={onClose}>Close</Button></div></div>
    </Modal>
  );
}
