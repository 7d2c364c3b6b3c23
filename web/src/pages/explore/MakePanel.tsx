import { Button, Modal, Select, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { createDashboard, dashboardsPath, setDashboard, type Dashboard, type Panel } from "@/api/dashboards";
import { get } from "@/api/client";
import { page } from "@/api/lists";
import { useDo } from "@/components/toast";
import { slug } from "@/pages/dashboards/edit/Save";
import { below } from "@/pages/dashboards/grid";

const fresh = " new";

/** Puts what is explored on a dashboard: one there is, or a new one. */
export function MakePanel({ exprs, onClose }: { exprs: string[]; onClose: () => void }) {
  const navigate = useNavigate();
  const list = useQuery({ queryKey: ["dashboard", "pick"], queryFn: ({ signal }) => page<Dashboard>(dashboardsPath, { sort: "-favourite,title", limit: 500 }, undefined, signal) });
  const [where, setWhere] = useState(fresh);
  const [name, setName] = useState("");
  const [title, setTitle] = useState("");
  const make = useDo({
    run: async () => {
      const panel: Panel = { type: "timeseries", title: title.trim() || undefined, at: { x: 0, y: 0, w: 12, h: 8 }, targets: exprs.map((query) => ({ query })) };
      if (where === fresh) return createDashboard(slug(name), { title: name.trim(), panels: [panel] });
      const d = await get<Dashboard>(`${dashboardsPath}/${where}`);
      const panels = d.spec.panels ?? [];
      return setDashboard(d, { ...d.spec, panels: [...panels, { ...panel, at: { ...panel.at, y: below(panels.map((p) => p.at)) } }] });
    },
    done: (d) => `It is on ${d.spec.title}`, failed: "No panel was made", touches: ["dashboard", "document"], then: (d) => void navigate({ to: "/dashboards/$id" as "/", params: { id: d.id } as never }),
  });
  return (
    <Modal opened onClose={onClose} title="Make a panel of it" closeButtonProps={{ "aria-label": "Close" }}>
      <form className="stack" onSubmit={(e) => { e.preventDefault(); make.mutate(undefined); }}>
        <TextInput label="Title of the panel" data-autofocus value={title} onChange={(e) => setTitle(e.currentTarget.value)} />
        <Select label="Dashboard" searchable allowDeselect={false} data={[{ value: fresh, label: "A new one" }, ...(list.data?.items ?? []).map((d) => ({ value: d.id, label: d.spec.title }))]} value={where} onChange={(v) => v && setWhere(v)} />
        {where === fresh && <TextInput label="Title of the dashboard" value={name} onChange={(e) => setName(e.currentTarget.value)} />}
        <Button type="submit" loading={make.isPending} disabled={where === fresh && !slug(name)}>Make it</Button>
      </form>
    </Modal>
  );
}
