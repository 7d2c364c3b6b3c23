import { Button, Menu, Select } from "@mantine/core";
import { lazy, Suspense, useEffect, useState } from "react";
import { useActions } from "@/app/actions";
import { useRange } from "@/app/range";
import { useCan } from "@/app/session";
import { useUrl } from "@/app/url";
import { told } from "@/components/toast";
import { RuleForm } from "@/pages/rules/RuleForm";
import { Empty } from "@/ui/Empty";
import { IconClose, IconPlus } from "@/ui/icons";
import { PageHead, Panel } from "@/ui/Panel";
import { Segments } from "@/ui/Segments";
import { TimeAgo } from "@/ui/TimeAgo";
import { Browser } from "./Browser";
import classes from "./Explore.module.css";
import { readHistory, remember, writeHistory } from "./history";
import { MakePanel } from "./MakePanel";
import { Results } from "./Results";

const PromqlEditor = lazy(() => import("./PromqlEditor"));

const compares = [{ value: "", label: "With nothing" }, { value: "1h", label: "An hour before" }, { value: "1d", label: "A day before" }, { value: "1w", label: "A week before" }];

/** Asks measurements anything: what is shown is in the address. */
export default function Explore() {
  const [search, setUrl] = useUrl();
  const can = useCan();
  const { move } = useRange();
  const asked = search.expr ?? [];
  const [drafts, setDrafts] = useState<string[]>(asked.length ? asked : [""]);
  const [browsing, setBrowsing] = useState(false);
  const [past, setPast] = useState(readHistory);
  const [open, setOpen] = useState<"panel" | "rule">();
  const [turn, setTurn] = useState(0);
  const joined = asked.join("\n");
  useEffect(() => { if (joined !== drafts.filter((d) => d.trim()).join("\n")) setDrafts(asked.length ? asked : [""]); }, [joined]);
  const run = (list = drafts) => {
    const exprs = list.map((d) => d.trim()).filter(Boolean);
    if (!exprs.length) return;
    const next = remember(past, exprs, Date.now());
    setPast(next);
    writeHistory(next);
    setTurn(turn + 1);
    setUrl({ expr: exprs, at: undefined }, { push: exprs.join("\n") !== joined });
  };
  const set = (i: number, text: string) => setDrafts((list) => list.map((d, n) => (n === i ? text : d)));
  const take = (expr: string) => { const at = drafts.findIndex((d) => !d.trim()); const list = at >= 0 ? drafts.map((d, i) => (i === at ? expr : d)) : [...drafts, expr]; setDrafts(list); run(list); };
  const why = can("metrics:read") ? undefined : "Your role may not read metrics";
  const noPanel = can("dashboards:write") ? (asked.length ? undefined : "Ask something first") : "Your role may not change dashboards";
  const noRule = can("checks:write") ? (asked.length ? undefined : "Ask something first") : "Your role may not make metric rules";
  useActions([
    { id: "explore-run", label: "Ask", group: "Actions", keys: "mod+Enter", run: () => run() },
    { id: "explore-browse", label: browsing ? "Close the list of metrics" : "Look through the metrics", group: "View", keys: "m", run: () => setBrowsing(!browsing) },
    { id: "explore-back", label: "Half a window back", group: "View", quiet: true, run: () => move(-1) },
  ]);
  if (why) return <><PageHead title="Explore" /><Empty title={why} /></>;
  return (
    <>
      <PageHead title="Explore" sub="Any question about measurements, in PromQL"
        actions={<>
          <Button variant="default" aria-pressed={browsing} onClick={() => setBrowsing(!browsing)}>Metrics</Button>
          <Menu position="bottom-end" width={420} withinPortal>
            <Menu.Target><Button variant="default" disabled={!past.length}>History</Button></Menu.Target>
            <Menu.Dropdown className={classes.history}>{past.map((a) => <Menu.Item key={a.exprs.join("\n")} onClick={() => { setDrafts(a.exprs); run(a.exprs); }} rightSection={<span className="dim"><TimeAgo at={new Date(a.at).toISOString()} bare /></span>}><code className="mono cut" style={{ display: "block" }}>{a.exprs.join("; ")}</code></Menu.Item>)}</Menu.Dropdown>
          </Menu>
          <Button variant="default" disabled={!asked.length} onClick={() => void navigator.clipboard?.writeText(location.href).then(() => told("The address was copied"))}>Share</Button>
          <Button variant="default" disabled={Boolean(noPanel)} title={noPanel} onClick={() => setOpen("panel")}>Make a panel</Button>
          <Button variant="default" disabled={Boolean(noRule)} title={noRule} onClick={() => setOpen("rule")}>Make a rule</Button>
        </>} />
      <div className={classes.page} data-browsing={browsing || undefined}>
        {browsing && <Browser onTake={take} onClose={() => setBrowsing(false)} />}
        <div className="stack">
          <Panel>
            <form className="stack" style={{ gap: "0.5rem" }} onSubmit={(e) => { e.preventDefault(); run(); }}>
              {drafts.map((d, i) => (
                <div key={i} className={classes.query}>
                  <span className={classes.letter} aria-hidden="true">{String.fromCharCode(65 + i)}</span>
                  <Suspense fallback={<div className={classes.waiting} />}><PromqlEditor label={`Query ${String.fromCharCode(65 + i)}`} value={d} onChange={(t) => set(i, t)} onRun={() => run()} /></Suspense>
                  <Button variant="subtle" px={6} aria-label={`Remove query ${String.fromCharCode(65 + i)}`} disabled={drafts.length < 2} onClick={() => { const list = drafts.filter((_d, n) => n !== i); setDrafts(list); run(list); }}><IconClose size={14} /></Button>
                </div>
              ))}
              <div className="row wrap">
                <Button type="submit" title="Shift Enter">Ask</Button>
                <Button variant="default" leftSection={<IconPlus size={13} />} disabled={drafts.length >= 10} onClick={() => setDrafts([...drafts, ""])}>Query</Button>
                <Segments aria-label="Shown as" data={[{ value: "both", label: "Both" }, { value: "graph", label: "Graph" }, { value: "table", label: "Table" }]} value={search.view ?? "both"} onChange={(v) => setUrl({ view: v === "both" ? undefined : v })} />
                <Select aria-label="Compare" title="Compare" data={compares} value={search.compare ?? ""} allowDeselect={false} w="9.5rem" onChange={(v) => setUrl({ compare: v || undefined })} />
              </div>
            </form>
          </Panel>
          {asked.length ? <Results exprs={asked} compare={search.compare} view={search.view ?? "both"} at={search.at} turn={turn} onAt={(at) => setUrl({ at })} />
            : <Empty title="Ask about measurements" action={<Button variant="default" onClick={() => setBrowsing(true)}>Look through the metrics</Button>}>Write the name of a metric: names, labels, values and functions complete themselves.</Empty>}
        </div>
      </div>
      {open === "panel" && <MakePanel exprs={asked} onClose={() => setOpen(undefined)} />}
      {open === "rule" && <RuleForm expr={asked[0]} onClose={() => setOpen(undefined)} />}
    </>
  );
}
