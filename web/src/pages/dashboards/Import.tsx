import { Button, FileInput, Modal, Textarea } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { convertDashboard, createDashboard, type Converted } from "@/api/dashboards";
import { ProblemView } from "@/components/ProblemView";
import { useDo } from "@/components/toast";
import { plural } from "@/format/number";
import { Mark } from "@/ui/Mark";
import classes from "./Import.module.css";

/** Takes a dashboard over from Grafana: first what would come of it is shown. */
export function Import({ onClose }: { onClose: () => void }) {
  const navigate = useNavigate();
  const [text, setText] = useState("");
  const [made, setMade] = useState<Converted>();
  const [problem, setProblem] = useState<Error>();
  const [busy, setBusy] = useState(false);
  const keep = useDo({ run: (c: Converted) => createDashboard(c.name, c.spec), done: (d) => `${d.spec.title} was imported`, failed: "It was not imported", touches: ["dashboard", "document"], then: (d) => void navigate({ to: "/dashboards/$id", params: { id: d.id } }) });
  const convert = async () => {
    setBusy(true);
    setProblem(undefined);
    try {
      setMade(await convertDashboard(JSON.parse(text)));
    } catch (e) {
      setMade(undefined);
      setProblem(e instanceof SyntaxError ? new Error(`This is not JSON: ${e.message}`) : (e as Error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <Modal opened onClose={onClose} size="xl" title="Import a Grafana dashboard" closeButtonProps={{ "aria-label": "Close" }}>
      {made ? (
        <div className="stack">
          <p><strong>{made.spec.title}</strong> has {plural((made.spec.panels ?? []).filter((p) => p.type !== "row").length, "panel")} and {plural(made.spec.variables?.length ?? 0, "variable")}. {made.leftOut.length ? `${plural(made.leftOut.length, "thing")} could not be taken over as it is:` : "Everything was taken over."}</p>
          {made.leftOut.length > 0 && (
            <div className={classes.list} tabIndex={0} role="region" aria-label="What was left out">
              <table><thead><tr><th scope="col">Where</th><th scope="col">What</th><th scope="col">Why</th></tr></thead>
                <tbody>{made.leftOut.map((l, i) => <tr key={i}><td><span className="row"><Mark level="warning" />{l.where}</span></td><td>{l.what}</td><td>{l.why}</td></tr>)}</tbody></table>
            </div>
          )}
          <div className="row"><Button loading={keep.isPending} onClick={() => keep.mutate(made)}>Import it</Button><Button variant="default" onClick={() => setMade(undefined)}>Back</Button></div>
        </div>
      ) : (
        <form className="stack" onSubmit={(e) => { e.preventDefault(); void convert(); }}>
          <p className="dim">In Grafana: Share, Export, Save to file. Panels that ask Prometheus are taken over; what cannot be is listed before anything is stored.</p>
          <FileInput label="File" placeholder="dashboard.json" accept="application/json,.json" clearable onChange={(f) => { if (f) void f.text().then(setText); }} />
          <Textarea label="Or its JSON" rows={10} value={text} onChange={(e) => setText(e.currentTarget.value)} styles={{ input: { fontFamily: "var(--mantine-font-family-monospace)" } }} />
          {problem && <ProblemView error={problem} />}
          <Button type="submit" loading={busy} disabled={!text.trim()}>See what comes of it</Button>
        </form>
      )}
    </Modal>
  );
}
