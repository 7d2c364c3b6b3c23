import { Button, Modal, PasswordInput, Select, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { deleteSecret, putSecret, rotateKey, secretsPath, teamsQuery } from "@/api/platform";
import type { Secret } from "@/api/types";
import { useActions } from "@/app/actions";
import { useCan } from "@/app/session";
import { useUrl } from "@/app/url";
import { ConfirmButton } from "@/components/ConfirmButton";
import { TeamName } from "@/components/Names";
import { ProblemView } from "@/components/ProblemView";
import { RefLink } from "@/components/RefLink";
import type { Column, Filter } from "@/components/table/column";
import { ListView } from "@/components/table/ListView";
import { useDo } from "@/components/toast";
import { plural } from "@/format/number";
import { Empty } from "@/ui/Empty";
import { PageHead } from "@/ui/Panel";
import { TimeAgo } from "@/ui/TimeAgo";

const filters: Filter[] = [
  { field: "name", label: "Name", kind: "text" },
  { field: "changed", label: "Changed", kind: "time" },
  { field: "used", label: "Last used", kind: "time" },
  { field: "uses", label: "Times used", kind: "number" },
];

/** What checks and runbooks sign in with. Values go in and are never shown. */
export default function Secrets() {
  const can = useCan();
  const [search] = useUrl();
  const [making, setMaking] = useState<{ secret?: Secret }>();
  const why = can("secrets:admin") ? undefined : "Your role may not change secrets";
  const gone = useDo({ run: (s: Secret) => deleteSecret(s.name), done: (_r, s) => `${s.name} was removed`, touches: ["secret"] });
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
    { id: "act", label: "Action", width: "9.5rem", align: "right", narrow: true, cell: (s) => (
      <span className="row" style={{ gap: "0.25rem", justifyContent: "end" }}>
        <Button size="compact-xs" variant="default" disabled={Boolean(why)} title={why ?? "Store a new value"} onClick={() => setMaking({ secret: s })}>New value</Button>
        <ConfirmButton size="compact-xs" question={<>Remove <strong>{s.name}</strong> and all its versions? Documents that refer to it fail from then on.</>} yes="Remove" why={why} onYes={() => gone.mutate(s)}>Remove</ConfirmButton>
      </span>), text: () => "" },
  ];
  return (
    <>
      <PageHead title="Secrets" sub={<>Documents refer to one as <code className="mono">secret:name</code>; no page and no answer shows a value</>}
        actions={<><ConfirmButton question="A new key is made and every version sealed with it. Back up the key file afterwards." yes="Rotate" why={why} loading={rotate.isPending} onYes={() => rotate.mutate(undefined)}>Rotate the key</ConfirmButton>
          <Button disabled={Boolean(why)} title={why} onClick={() => setMaking({})}>Add a secret</Button></>} />
      <ListView<Secret> kind="secret" path={secretsPath} label="Secrets" columns={columns} filters={filters} rowKey={(s) => s.name} defaultSort="name" selected={search.show}
        empty={<Empty title="No secrets yet" action={<Button disabled={Boolean(why)} title={why} onClick={() => setMaking({})}>Add a secret</Button>}>A password or token is stored once, sealed, and checks and runbooks name it instead of holding it.</Empty>} />
      {making && <Store secret={making.secret} onClose={() => setMaking(undefined)} />}
    </>
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
