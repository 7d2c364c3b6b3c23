import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { alertsPath } from "@/api/events";
import type { Alert } from "@/api/types";
import { useUrl } from "@/app/url";
import { Quick } from "@/components/Quick";
import { ListView } from "@/components/table/ListView";
import { Empty } from "@/ui/Empty";
import { PageHead } from "@/ui/Panel";
import { matchersOfAll } from "@/pages/silences/matchers";
import { SilenceForm } from "@/pages/silences/SilenceForm";
import { AlertDrawer } from "./AlertDrawer";
import { BulkActions, NothingSelected } from "./BulkActions";
import { alertColumns, alertFilters } from "./columns";

const rowKey = (r: Alert) => r.id;

export default function Alerts() {
  const [search, setUrl] = useUrl();
  const [silencing, setSilencing] = useState<Alert[]>();
  return (
    <>
      <PageHead title="Alerts" actions={<><Link to="/alert-routing" className="link">Routing</Link><Link to="/silences" className="link">Silences</Link></>} />
      <ListView<Alert> kind="alert" path={alertsPath} label="Alerts" columns={alertColumns} filters={alertFilters} rowKey={rowKey} defaultSort="-openedAt"
        onOpen={(a) => setUrl({ show: a.id }, { push: true })} selected={search.show}
        quick={<Quick field="state" label="Which alerts" options={[{ label: "All", values: [] }, { label: "Open", values: ["open", "acknowledged"] }, { label: "Unacknowledged", values: ["open"] }]} />}
        idle={<NothingSelected />}
        bulk={(list, done) => <BulkActions alerts={list} done={done} onSilence={() => setSilencing(list)} />}
        empty={<Empty good title="No alerts">Checks, metric rules, agents and anything that posts to the API open alerts here. Nothing is wrong that Mainstay knows of.</Empty>} />
      <AlertDrawer id={search.show} onClose={() => setUrl({ show: undefined })} onSilence={(a) => setSilencing([a])} />
      {silencing && <SilenceForm matchers={matchersOfAll(silencing)} onClose={() => setSilencing(undefined)} />}
    </>
  );
}
