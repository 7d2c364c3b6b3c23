import { useMe } from "@/app/session";
import { Tag } from "@/ui/Badges";
import { Facts, PageHead, Panel } from "@/ui/Panel";

export default function Account() {
  const me = useMe();
  if (!me) return null;
  return (
    <>
      <PageHead title="Your account" />
      <Panel title="You">
        <Facts wide rows={[["Name", me.name], ["Person", me.displayName], ["Roles", me.roles?.join(", ")], ["Teams", me.teams?.join(", ")], ["May do", <span className="row wrap" style={{ gap: "0.25rem" }}>{me.permissions.map((p) => <Tag key={p}>{p}</Tag>)}</span>]]} />
      </Panel>
    </>
  );
}
