import { ActionIcon, Button, Checkbox, TextInput } from "@mantine/core";
import { lazy, Suspense, useState } from "react";
import type { Panel as PanelSpec, Target, Variable } from "@/api/dashboards";
import { YamlEditor } from "@/components/YamlEditor";
import { IconClose, IconPlus } from "@/ui/icons";
import { Panel } from "@/ui/Panel";
import { useBoard } from "../context";
import { Frame } from "../Frame";
import classes from "./Edit.module.css";
import { Options } from "./Options";

const PromqlEditor = lazy(() => import("@/pages/explore/PromqlEditor"));

/** One panel: as it will be, its queries, its options; or all of it as JSON. */
export function PanelEditor({ panel: p, variables, set, onDone }: { panel: PanelSpec; variables: Variable[]; set: (p: PanelSpec, about: string) => void; onDone: () => void }) {
  const { filling } = useBoard();
  const [text, setText] = useState<string>();
  const [wrong, setWrong] = useState<string>();
  const targets = p.targets ?? [];
  const measured = p.type !== "text" && p.type !== "map" && p.type !== "row";
  const setTarget = (i: number, t: Partial<Target>, about: string) => set({ ...p, targets: targets.map((x, n) => (n === i ? strip({ ...x, ...t }) : x)) }, `target ${i} ${about}`);
  const take = () => {
    try {
      const made = JSON.parse(text!) as PanelSpec;
      if (typeof made !== "object" || made === null || typeof made.type !== "string" || typeof made.at !== "object") throw new Error("a panel is an object with type and at");
      set(made, "json");
      setText(undefined);
      setWrong(undefined);
    } catch (e) {
      setWrong((e as Error).message);
    }
  };
  return (
    <div className={classes.work}>
      <div className="stack">
        {p.type !== "row" && <div className={classes.preview}><Frame panel={p} doings={{}} /></div>}
        {measured && (
          <Panel title="Queries" flush actions={<Button variant="default" leftSection={<IconPlus size={13} />} onClick={() => set({ ...p, targets: [...targets, { query: "" }] }, "add query")}>Query</Button>}>
            {targets.map((t, i) => (
              <div key={i} className={classes.query}>
                <Suspense fallback={<div style={{ height: "2rem" }} />}><PromqlEditor label={`Query ${String.fromCharCode(65 + i)}`} value={t.query} onChange={(query) => setTarget(i, { query }, "query")} variables={variables.map((v) => v.name)} /></Suspense>
                <ActionIcon aria-label={`Remove query ${String.fromCharCode(65 + i)}`} disabled={targets.length < 2} onClick={() => set({ ...p, targets: targets.filter((_t, n) => n !== i) }, "remove query")}><IconClose size={14} /></ActionIcon>
                <div className={classes.queryLine}>
                  <TextInput aria-label={`Legend of query ${String.fromCharCode(65 + i)}`} placeholder="Legend, such as {{instance}}" style={{ flex: "1 1 12rem" }} value={t.legend ?? ""} onChange={(e) => setTarget(i, { legend: e.currentTarget.value }, "legend")} />
                  <Checkbox label="Newest value alone" checked={Boolean(t.instant)} onChange={(e) => setTarget(i, { instant: e.currentTarget.checked }, "instant")} />
                  <Checkbox label="Hidden" checked={Boolean(t.hidden)} onChange={(e) => setTarget(i, { hidden: e.currentTarget.checked }, "hidden")} />
                </div>
              </div>
            ))}
          </Panel>
        )}
        <Panel title="As JSON" actions={text === undefined ? <Button variant="default" onClick={() => setText(JSON.stringify(p, null, 2))}>Show</Button> : <><Button variant="default" onClick={() => { setText(undefined); setWrong(undefined); }}>Close</Button><Button onClick={take}>Take it over</Button></>}>
          {text === undefined ? <p className="dim">{filling.to ? "Everything of this panel as it stands in the document." : ""}</p> : <><YamlEditor label="JSON of the panel" value={text} onChange={setText} />{wrong && <p role="alert">{wrong}</p>}</>}
        </Panel>
      </div>
      <div className="stack">
        <Button onClick={onDone}>Done</Button>
        <Options panel={p} variables={variables} set={set} />
      </div>
    </div>
  );
}

const strip = (t: Target): Target => Object.fromEntries(Object.entries(t).filter(([k, v]) => k === "query" || (v !== undefined && v !== "" && v !== false))) as unknown as Target;
