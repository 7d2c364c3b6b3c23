import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useParams } from "@tanstack/react-router";
import { useState } from "react";
import { dashboardQuery, deleteDashboard, type Dashboard } from "@/api/dashboards";
import { useActions } from "@/app/actions";
import { useCan } from "@/app/session";
import { useUrl } from "@/app/url";
import { ConfirmButton } from "@/components/ConfirmButton";
import { DocumentEditor } from "@/components/DocumentEditor";
import { Show } from "@/components/Query";
import { useDo } from "@/components/toast";
import { Tag } from "@/ui/Badges";
import { Empty } from "@/ui/Empty";
import { PageHead } from "@/ui/Panel";
import { Board } from "./Board";
import { Star } from "./Dashboards";
import { Workbench } from "./edit/Workbench";

export default function DashboardPage() {
  const { id } = useParams({ strict: false }) as { id: string };
  const query = useQuery({ ...dashboardQuery(id), refetchOnWindowFocus: false });
  return <Show query={query} missing="There is no such dashboard" lines={6}>{(d) => <View d={d} />}</Show>;
}

function View({ d }: { d: Dashboard }) {
  const can = useCan();
  const navigate = useNavigate();
  const [search] = useUrl();
  // What is edited is what was there when editing began, whatever others store meanwhile.
  const [edited, setEdited] = useState<{ before: Dashboard; at?: number }>();
  const [text, setText] = useState(false);
  const why = can("dashboards:write") ? undefined : "Your role may not change dashboards";
  const gone = useDo({ run: () => deleteDashboard(d.id), done: `${d.spec.title} was deleted`, touches: ["dashboard", "document"], then: () => void navigate({ to: "/dashboards" }) });
  useActions(edited ? [] : [{ id: "board-edit", label: `Edit ${d.spec.title}`, group: "Actions", keys: "e", disabled: why, run: () => setEdited({ before: d }) }]);
  if (edited) return <Workbench before={edited.before} start={edited.before.spec} at={edited.at} onDone={() => setEdited(undefined)} />;
  return (
    <>
      {search.kiosk !== "1" && (
        <PageHead title={d.spec.title} state={<><Star d={d} />{(d.spec.tags ?? []).map((t) => <Tag key={t}>{t}</Tag>)}</>} sub={d.spec.description && <span>{d.spec.description}</span>}
          actions={<><ConfirmButton question={<>Delete the dashboard <strong>{d.spec.title}</strong>?</>} yes="Delete" why={why} loading={gone.isPending} onYes={() => gone.mutate(undefined)}>Delete</ConfirmButton>
            <Button variant="default" onClick={() => setText(true)}>YAML</Button><Button disabled={Boolean(why)} title={why} onClick={() => setEdited({ before: d })}>Edit</Button></>} />
      )}
      <Board key={d.id} spec={d.spec} doings={(i) => (why ? {} : { edit: () => setEdited({ before: d, at: i }) })} empty={<Empty title="There are no panels yet" action={<Button disabled={Boolean(why)} title={why} onClick={() => setEdited({ before: d })}>Add panels</Button>} />} />
      <DocumentEditor what={text ? { kind: "Dashboard", name: d.name } : undefined} why={why} onClose={() => setText(false)} onGone={() => void navigate({ to: "/dashboards" })} />
    </>
  );
}
