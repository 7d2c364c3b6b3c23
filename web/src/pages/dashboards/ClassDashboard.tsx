import { Button, Modal, Select, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams } from "@tanstack/react-router";
import { useState } from "react";
import { choicesQuery, createDashboard, generatedQuery, type Generated } from "@/api/dashboards";
import { useCan } from "@/app/session";
import { useUrl } from "@/app/url";
import { Show } from "@/components/Query";
import { useDo } from "@/components/toast";
import { Tag } from "@/ui/Badges";
import { Empty } from "@/ui/Empty";
import { PageHead } from "@/ui/Panel";
import { Board } from "./Board";

/** The generated dashboard of any item of a class. */
export default function ClassDashboard() {
  const { class: cls } = useParams({ strict: false }) as { class: string };
  const [search, setUrl] = useUrl();
  const query = useQuery(generatedQuery(cls, search.item));
  return (
    <Show query={query} missing={`There is no item of the class ${cls.replaceAll("_", " ")}`} lines={6}>
      {(g) => (
        <>
          {search.kiosk !== "1" && (
            <PageHead title={g.name} state={<Tag>{g.class.replaceAll("_", " ")}</Tag>} sub={<span>Made of what is measured of it</span>}
              actions={<><Choose cls={cls} item={g.item} onChange={(item) => setUrl({ item, var: undefined, panel: undefined }, { push: true })} />
                <Link to="/items/$id" params={{ id: g.item }} search={(s) => ({ from: s.from, to: s.to })} className="link">The item</Link><Keep g={g} /></>} />
          )}
          <Board key={g.item} spec={g.spec} without="item" empty={<Empty title="Nothing is measured of it">Series with the label <code>item</code> of this item appear here: from agents, checks, OTLP or remote write.</Empty>} />
        </>
      )}
    </Show>
  );
}

function Choose({ cls, item, onChange }: { cls: string; item: string; onChange: (id: string) => void }) {
  const items = useQuery(choicesQuery(`class=${cls}`));
  return <Select aria-label="Item" searchable allowDeselect={false} limit={200} w="14rem" data={(items.data ?? []).map((i) => ({ value: i.id, label: i.name }))} value={item} onChange={(v) => v && onChange(v)} />;
}

/** Makes a dashboard of one's own of it, to be changed. */
function Keep({ g }: { g: Generated }) {
  const can = useCan();
  const navigate = useNavigate();
  const [name, setName] = useState<string>();
  const why = can("dashboards:write") ? undefined : "Your role may not make dashboards";
  const keep = useDo({ run: (n: string) => createDashboard(n, { ...g.spec, title: n }), done: "It is yours to change now", touches: ["dashboard", "document"], then: (d) => void navigate({ to: "/dashboards/$id", params: { id: d.id } }) });
  return (
    <>
      <Button variant="default" disabled={Boolean(why)} title={why} onClick={() => setName(`${g.name} ${g.class.replaceAll("_", " ")}`)}>Keep a copy</Button>
      <Modal opened={name !== undefined} onClose={() => setName(undefined)} title="Keep a copy of this dashboard" closeButtonProps={{ "aria-label": "Close" }}>
        <form className="stack" onSubmit={(e) => { e.preventDefault(); keep.mutate(name!.trim()); }}>
          <TextInput label="Name" data-autofocus value={name ?? ""} onChange={(e) => setName(e.currentTarget.value)} />
          <Button type="submit" loading={keep.isPending} disabled={!name?.trim()}>Keep it</Button>
        </form>
      </Modal>
    </>
  );
}
