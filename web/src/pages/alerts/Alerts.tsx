import { alertsPath } from "@/api/events";
import type { Alert } from "@/api/types";
import { useUrl } from "@/app/url";
import { Quick } from "@/components/Quick";
import { ListView } from "@/components/table/ListView";
import { Empty } from "@/ui/Empty";
import { PageHead } from "@/ui/Panel";
import { AlertDrawer } from "./AlertDrawer";
import { alertColumns, alertFilters } from "./columns";

export default function Alerts() {
  const [search, setUrl] = useUrl();
  return (
    <>
      <PageHead title="Alerts" />
      <ListView<Alert> kind="alert" path={alertsPath} label="Alerts" columns={alertColumns} filters={alertFilters} rowKey={(a) => a.id} defaultSort="-openedAt"
        onOpen={(a) => setUrl({ show: a.id }, { push: true })} selected={search.show}
        quick={<Quick field="state" label="Which alerts" options={[{ label: "All", values: [] }, { label: "Open", values: ["open", "acknowledged"] }, { label: "Unacknowledged", values: ["open"] }]} />}
        empty={<Empty good title="No alerts">Checks, metric rules, agents and anything that posts to the API open alerts here. Nothing is wrong that Mainstay knows of.</Empty>} />
      <AlertDrawer id={search.show} onClose={() => setUrl({ show: undefined })} />
    </>
  );
}
