import { Button, Modal, TextInput } from "@mantine/core";
import { useState } from "react";
import { createDashboard, setDashboard, type Dashboard, type Spec } from "@/api/dashboards";
import { Diff } from "@/components/Diff";
import { ProblemView } from "@/components/ProblemView";
import { Problem } from "@/api/client";
import { useDo } from "@/components/toast";
import { Together } from "./Together";

export const slug = (title: string) => title.toLowerCase().replace(/[^a-z0-9._-]+/g, "-").replace(/^[-._]+|[-._]+$/g, "").slice(0, 80);

/** What will be stored, and what differs from what is. */
export function Save({ before, spec, onClose, onSaved }: { before?: Dashboard; spec: Spec; onClose: () => void; onSaved: (d: Dashboard) => void }) {
  const [name, setName] = useState(before?.name ?? slug(spec.title));
  const [stale, setStale] = useState(false);
  const save = useDo({
    run: () => (before ? setDashboard(before, spec) : createDashboard(name, spec)).catch((e: unknown) => {
      if (!(before && e instanceof Problem && e.code === "stale")) throw e;
      setStale(true); // somebody else saved since: that is put together, not written over
      return undefined;
    }),
    done: (d) => (d ? `${spec.title} was saved` : ""), failed: "It was not saved", touches: ["dashboard", "document"], then: (d) => d && onSaved(d),
  });
  if (before && stale) return (
    <Modal opened onClose={onClose} size="xl" title={`Two changed ${before.spec.title}`} closeButtonProps={{ "aria-label": "Close" }}><Together before={before} mine={spec} onClose={onClose} onSaved={onSaved} /></Modal>
  );
  return (
    <Modal opened onClose={onClose} size="xl" title={before ? `Save ${before.spec.title}` : "Save the dashboard"} closeButtonProps={{ "aria-label": "Close" }}>
      <form className="stack" onSubmit={(e) => { e.preventDefault(); save.mutate(undefined); }}>
        {!before && <TextInput label="Name of the document" value={name} onChange={(e) => setName(e.currentTarget.value)} />}
        <Diff before={before ? JSON.stringify(before.spec, null, 2) : ""} after={JSON.stringify(spec, null, 2)} label="Differences" />
        {save.error && <ProblemView error={save.error} />}
        <div className="row"><Button type="submit" data-autofocus loading={save.isPending} disabled={!name.trim() || !spec.title.trim()}>Save</Button><Button variant="default" onClick={onClose}>Go on editing</Button></div>
      </form>
    </Modal>
  );
}
