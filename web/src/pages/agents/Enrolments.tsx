import { enrolmentsPath, revokeEnrolment } from "@/api/platform";
import type { OpenEnrolment } from "@/api/types";
import { ConfirmButton } from "@/components/ConfirmButton";
import { RefLink } from "@/components/RefLink";
import type { Column } from "@/components/table/column";
import { ListView } from "@/components/table/ListView";
import { useDo } from "@/components/toast";
import { Empty } from "@/ui/Empty";
import { StateBadge } from "@/ui/Badges";
import { TimeAgo } from "@/ui/TimeAgo";

/** Tokens that let an agent enrol once: who made them, and what became of them. */
export function Enrolments() {
  const revoke = useDo({ run: (e: OpenEnrolment) => revokeEnrolment(e.id), done: "The token is no longer accepted", failed: "The token was not revoked", touches: ["enrolment", "agent"] });
  const columns: Column<OpenEnrolment>[] = [
    { id: "state", label: "State", width: "7rem", narrow: true, cell: (e) => <StateBadge state={e.state === "open" ? "active" : e.state === "used" ? "done" : e.state} />, text: (e) => e.state },
    { id: "name", label: "For", width: "minmax(8rem, 1.5fr)", narrow: true, cell: (e) => e.name || <span className="dim">any host</span>, text: (e) => e.name },
    { id: "agent", label: "Used by", width: "minmax(8rem, 1fr)", cell: (e) => e.agent ? <RefLink kind="agent" id={e.agent}>its agent</RefLink> : <span className="dim">nobody</span>, text: (e) => e.agent },
    { id: "by", label: "Made by", width: "minmax(6rem, 1fr)", cell: (e) => e.createdBy, text: (e) => e.createdBy },
    { id: "created", label: "Made", width: "6.5rem", align: "right", cell: (e) => <TimeAgo at={e.createdAt} />, text: (e) => e.createdAt },
    { id: "expires", label: "Expires", width: "6.5rem", align: "right", cell: (e) => <TimeAgo at={e.expiresAt} />, text: (e) => e.expiresAt },
    { id: "act", label: "Action", width: "5.5rem", align: "right", narrow: true, cell: (e) => e.state === "open" ? <ConfirmButton size="compact-xs" question="No agent can enrol with it any more." yes="Revoke" onYes={() => revoke.mutate(e)}>Revoke</ConfirmButton> : null, text: () => "" },
  ];
  return <ListView<OpenEnrolment> kind="enrolment" path={enrolmentsPath} label="Enrolment tokens" columns={columns} rowKey={(e) => e.id} searchable={false} empty={<Empty title="No tokens were made yet">Adding a host makes one.</Empty>} />;
}
