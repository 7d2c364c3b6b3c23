import { Button, Drawer, Modal, PasswordInput, Select, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { deleteSecret, putSecret, rotateKey, secretQuery, secretsPath, teamsQuery } from "@/api/platform";
import type { Secret } from "@/api/types";
import { useActions } from "@/app/actions";
import { useCan } from "@/app/session";
import { useUrl } from "@/app/url";
import { ConfirmButton } from "@/components/ConfirmButton";
import { TeamName } from "@/components/Names";
import { ProblemView } from "@/components/ProblemView";
import { Show } from "@/components/Query";
import { RefLink } from "@/components/RefLink";
import type { Column, Filter } from "@/components/table/column";
import { ListView } from "@/components/table/ListView";
import { useDo } from "@/components/toast";
import { plural } from "@/format/number";
import { Empty } from "@/ui/Empty";
import { Facts, PageHead } from "@/ui/Panel";
import { At, TimeAgo } from "@/ui/TimeAgo";

const filters: Filter[] = [
  { field: "name", label: "Name", kind: "text" },
  { field: "changed", label: "Changed", kind: "time" },
  { field: "used", label: "Last used", kind: "time" },
  { field: "uses", label: "Times used", kind: "number" },
];

/** What checks and runbooks sign in with. Values go in and are never shown. */
export default function Secrets() {
  const can = useCan();
  const [search, setUrl] = useUrl();
  const [making, setMaking] = useState<{ secret?: Secret }>();
  const why = can("secrets:admin") ? undefined : "Your role may not change secrets";
  const rotate = useDo({ run: rotateKey, done: (r) => `A new key seals everything: ${plural(r.resealed, "version")} sealed again`, failed: "The key was not rotated", touches: ["secret"] });
  useActions([{ id: "secret-new", label: "Add a secret", group: "Actions", keys: "c", disabled: why, run: () => setMaking({}) }]);
  const columns: Column<Secret>[] = [
    { id: "name", label: "Secret", width: "minmax(9rem, 1.2fr)", sort: "name", narrow: true, cell: (s) => <span className="mono">{s.name}</span>, text: (s) => s.name },
    { id: "description", label: "For", width: "minmax(8rem, 1.6fr)", cell: (s) => <span className="dim">{s.description}</span>, text: (s) => s.description },
    { id: "team", label: "Team", width: "minmax(6rem, 0.8fr)", cell: (s) => <TeamName id={s.team} none="common" />, text: (s) => s.team },
    { id: "version", label: "Version", width: "4.5rem", align: "right", cell: (s) => s.version, text: (s) => s.version },
    { id: "created", label: "Made", width: "6.5rem", align: "right", cell: (s) => <TimeAgo at={s.created} />, text: (s) => s.created },
    { id: "changed", label: "Value set", width: "6.5rem", align: "right", sort: "changed", narrow: true, cell: (s) => <TimeAgo at={s.changed} />, text: (s) => s.changed },
    { id: "used", label: "Last used", width: "8rem", align: "right", sort: "used", cell: (s) => <UsedBy secret={s} />, text: (s) => s.used },
  ];
  return (
    <>
      <PageHead title="Secrets" sub={<span>Documents refer to one as <code className="mono">secret:name</code>; no page and no answer shows a value</span>}
        actions={<><ConfirmButton question="A new key is made and every version sealed with it. Back up the key file afterwards." yes="Rotate" why={why} loading={rotate.isPending} onYes={() => rotate.mutate(undefined)}>Rotate the key</ConfirmButton>
          <Button disabled={Boolean(why)} title={why} onClick={() => setMaking({})}>Add a secret</Button></>} />
      <ListView<Secret> kind="secret" path={secretsPath} label="Secrets" columns={columns} filters={filters} rowKey={(s) => s.name} defaultSort="name" onOpen={(s) => setUrl({ show: s.name }, { push: true })} selected={search.show}
        empty={<Empty title="No secrets yet" action={<Button disabled={Boolean(why)} title={why} onClick={() => setMaking({})}>Add a secret</Button>}>A password or token is stored once, sealed, and checks and runbooks name it instead of holding it.</Empty>} />
      <SecretDrawer name={search.show} why={why} onClose={() => setUrl({ show: undefined })} onStore={(secret) => setMaking({ secret })} />
      {making && <Store secret={making.secret} onClose={() => setMaking(undefined)} />}
    </>
  );
}

function SecretDrawer({ name, why, onClose, onStore }: { name: string | undefined; why?: string; onClose: () => void; onStore: (s: Secret) => void }) {
  const query = useQuery({ ...secretQuery(name ?? ""), enabled: Boolean(name) });
  const gone = useDo({ run: (s: Secret) => deleteSecret(s.name), done: (_r, s) => `${s.name} was removed`, failed: "The secret was not removed", touches: ["secret"], then: onClose });
  return (
    <Drawer opened={Boolean(name)} onClose={onClose} position="right" size="34rem" title="Secret" closeButtonProps={{ "aria-label": "Close" }}>
      {name && (
        <Show query={query} missing="This secret is not there (any more)">
          {(s) => (
            <div className="stack">
              <h2 className="mono">{s.name}</h2>
              <div className="row wrap">
                <Button disabled={Boolean(why)} title={why} onClick={() => onStore(s)}>Store a new value</Button>
                <ConfirmButton question={<>Remove <strong>{s.name}</strong> and all its versions? Documents that refer to it fail from then on.</>} yes="Remove" why={why} loading={gone.isPending} onYes={() => gone.mutate(s)}>Remove</ConfirmButton>
              </div>
              <Facts wide rows={[
                ["For", s.description], ["Team", <TeamName id={s.team} none="common: every record may use it" />], ["Version", s.version],
                ["Made", <At at={s.created} />], ["Value set", <><At at={s.changed} /> <span className="dim">(<TimeAgo at={s.changed} />)</span></>],
                ["Used", s.used ? <>{plural(s.uses, "time")}, last <UsedBy secret={s} /></> : "never"],
              ]} />
              <p className="dim">In documents: <code className="mono">secret:{s.name}</code>, or <code className="mono">secret:{s.name}@{s.version}</code> for this version alone.</p>
            </div>
          )}
        </Show>
      )}
    </Drawer>
  );
}

function UsedBy({ secret: s }: { secret: Secret }) {
  if (!s.used) return <span className="dim">never</span>;
  const [kind = "", id] = (s.usedBy ?? "").split("/");
  return <span title={`${plural(s.uses, "time")}, last by ${s.usedBy || "the server"}`}>{id ? <RefLink kind={kind} id={id}>{<TimeAgo at={s.used} />}</RefLink> : <TimeAgo at={s.used} />}</span>;
}

function Store({ secret, onClose }: { secret?: Secret; onClose: () => void }) {
  const teams = useQuery(teamsQuery);
  const [name, setName] = useState(secret?.name ?? "");
  const [description, setDescription] = useState(secret?.description ?? "");
  const [team, setTeam] = useState<string | null>(secret?.team ?? null);
  const [value, setValue] = useState("");
  const wrong = name && !/^[a-z0-9]+([._/-][a-z0-9]+)*$/.test(name) ? "Words of a-z and 0-9 joined by . _ / or -" : undefined;
  const save = useDo({ run: () => putSecret(name, { value, description: description || undefined, team: team ?? undefined }), done: (s) => (s.version > 1 ? `${name} has version ${s.version}` : `${name} was stored`), touches: ["secret"], then: onClose });
  return (
    <Modal opened onClose={onClose} title={secret ? `New value of ${secret.name}` : "Add a secret"} closeButtonProps={{ "aria-label": "Close" }}>
      <form className="stack" autoComplete="off" onSubmit={(e) => { e.preventDefault(); save.mutate(undefined); }}>
        <TextInput label="Name" description="Such as db/shop/password" required disabled={Boolean(secret)} data-autofocus={!secret} value={name} error={wrong} onChange={(e) => setName(e.currentTarget.value)} />
        <PasswordInput label="Value" description="It is sealed and not shown again" required data-autofocus={Boolean(secret)} autoComplete="new-password" value={value} onChange={(e) => setValue(e.currentTarget.value)} />
        <TextInput label="For" value={description} onChange={(e) => setDescription(e.currentTarget.value)} />
        <Select label="Team" description="Only records of this team may use it" placeholder="Common" clearable data={(teams.data?.items ?? []).map((t) => ({ value: t.id, label: t.name }))} value={team} onChange={setTeam} />
        {save.error && <ProblemView error={save.error} />}
        <Button type="submit" loading={save.isPending} disabled={!name || !value || Boolean(wrong)}>Store</Button>
      </form>
    </Modal>
  );
}
