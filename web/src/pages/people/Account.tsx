import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { endSession, sessionsQuery } from "@/api/session";
import { useMe } from "@/app/session";
import { TeamName } from "@/components/Names";
import { Show } from "@/components/Query";
import { useDo } from "@/components/toast";
import { agentName } from "@/format/agent";
import { Tag } from "@/ui/Badges";
import { Columns, Facts, PageHead, Panel } from "@/ui/Panel";
import { TimeAgo } from "@/ui/TimeAgo";
import { Password } from "./Password";
import { SecondFactor } from "./SecondFactor";

export default function Account() {
  const me = useMe();
  if (!me) return null;
  const teams = Object.keys(me.teams ?? {});
  return (
    <>
      <PageHead title="Your account" sub={me.username} actions={<Button component={Link} to="/notifications" variant="default">Notifications</Button>} />
      <Columns
        main={<>
          <Panel title="You">
            <Facts wide rows={[
              ["Name", me.name], ["Sign in as", me.username], ["E-mail", me.email],
              ["Roles", (me.grants ?? []).map((g, i) => <span key={i}>{i > 0 && ", "}{g.role}{g.team && <> of <TeamName id={g.team} /></>}</span>)],
              teams.length ? ["Teams", teams.map((t) => me.teams![t]).join(", ")] : false,
              ["May do", <span className="row wrap" style={{ gap: "0.25rem" }}>{(me.permissions ?? []).map((p) => <Tag key={p}>{p}</Tag>)}</span>],
            ]} />
          </Panel>
          <Sessions />
        </>}
        side={!me.external && <><SecondFactor on={me.totp} /><Password /></>}
      />
    </>
  );
}

function Sessions() {
  const query = useQuery(sessionsQuery);
  const end = useDo({ run: endSession, done: "Signed out there", touches: ["session"] });
  return (
    <Panel title="Where you are signed in">
      <Show query={query} lines={2}>
        {(list) => (
          <div className="stack" style={{ gap: "0.375rem" }}>
            {list.map((s) => (
              <div key={s.id} className="row">
                <span className="grow cut" title={s.agent}>{agentName(s.agent)} <span className="dim">{s.address}</span></span>
                <span className="dim">seen <TimeAgo at={s.seen} /></span>
                {s.current ? <Tag>here</Tag> : <Button size="compact-xs" variant="default" onClick={() => end.mutate(s.id)}>Sign out</Button>}
              </div>
            ))}
          </div>
        )}
      </Show>
    </Panel>
  );
}
