import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { reportMailsQuery, sendReportMail } from "@/api/correlation";
import type { ReportMail } from "@/api/types";
import { useCan } from "@/app/session";
import { ConfirmButton } from "@/components/ConfirmButton";
import { DocumentEditor, type Edited } from "@/components/DocumentEditor";
import { Show } from "@/components/Query";
import { useDo } from "@/components/toast";
import { plural } from "@/format/number";
import { StateBadge } from "@/ui/Badges";
import { Empty } from "@/ui/Empty";
import { Mark } from "@/ui/Mark";
import { Panel } from "@/ui/Panel";
import { At, TimeAgo } from "@/ui/TimeAgo";
import { template } from "../documents/templates";
import classes from "./EventReport.module.css";

const about: Record<string, string> = { events: "Alerts and situations", capacity: "Capacity" };

/** Which reports are sent by mail, to whom and when. */
export function Mails() {
  const can = useCan();
  const query = useQuery({ ...reportMailsQuery, enabled: can("report-mails:read") });
  const [edited, setEdited] = useState<Edited>();
  const why = can("report-mails:write") ? undefined : "Your role may not have reports sent";
  const add = <Button size="compact-sm" variant="default" disabled={Boolean(why)} title={why} onClick={() => setEdited({ kind: "ReportMail", draft: template("ReportMail") })}>Send it by mail</Button>;
  if (!can("report-mails:read")) return null;
  return (
    <Panel title="Sent by mail" count={query.data?.items.length || undefined} actions={query.data?.items.length ? add : undefined} flush>
      <Show query={query} lines={2}>
        {(d) => (
          <>
            {!d.mail && d.items.length > 0 && <p className={classes.rule} role="alert"><Mark level="warning" size={12} /> No mail server is configured: nothing is sent.</p>}
            {d.items.length === 0 ? <Empty title="No report is sent yet" action={add}>Each week or month, to the addresses you name, about the time that has ended.{!d.mail && " A mail server has to be configured first."}</Empty>
              : <ul className={classes.mails}>{d.items.map((m) => <Row key={m.name} mail={m} why={why} onOpen={() => setEdited({ kind: "ReportMail", name: m.name })} />)}</ul>}
          </>
        )}
      </Show>
      <DocumentEditor what={edited} why={why} onClose={() => { setEdited(undefined); void query.refetch(); }} />
    </Panel>
  );
}

function Row({ mail: m, why, onOpen }: { mail: ReportMail; why?: string; onOpen: () => void }) {
  const send = useDo({ run: () => sendReportMail(m.name), done: `${m.name} is on its way`, failed: "It was not sent", touches: ["report-mail"] });
  return (
    <li>
      <div className={classes.mail}>
        <div><button type="button" className="link" onClick={onOpen}>{m.name}</button> <StateBadge state={m.spec.disabled ? "disabled" : m.problem ? "failing" : "active"} /></div>
        <div className="dim">{about[m.spec.report] ?? m.spec.report}, each {m.spec.every}, to <span title={m.spec.to?.join(", ")}>{m.spec.to?.length === 1 ? m.spec.to[0] : plural(m.spec.to?.length ?? 0, "address", "addresses")}</span></div>
        {m.problem && <div role="alert"><Mark level="major" size={12} /> It is due and was not sent: {m.problem}. It is tried again every 5 minutes.</div>}
      </div>
      <div className="dim">{m.due && !m.problem && <>next <At at={m.due} /></>}{m.sent && <>, last <TimeAgo at={m.sent} /></>}</div>
      <ConfirmButton size="compact-xs" question={<>Send the report of the last {m.spec.every} to {plural(m.spec.to?.length ?? 0, "address", "addresses")} now?</>} yes="Send" why={why} loading={send.isPending} onYes={() => send.mutate(undefined)}>Send now</ConfirmButton>
    </li>
  );
}
