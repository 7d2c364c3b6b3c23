import { Button, Modal, Select, TagsInput, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { createToken, revokeToken, tokensPath, usersQuery } from "@/api/platform";
import type { Token } from "@/api/types";
import { useActions } from "@/app/actions";
import { useCan, useMe } from "@/app/session";
import { ConfirmButton } from "@/components/ConfirmButton";
import { Copy } from "@/components/Copy";
import { Person } from "@/components/Names";
import { ProblemView } from "@/components/ProblemView";
import type { Column } from "@/components/table/column";
import { ListView } from "@/components/table/ListView";
import { useDo } from "@/components/toast";
import { StateBadge, Tag } from "@/ui/Badges";
import { Empty } from "@/ui/Empty";
import { PageHead } from "@/ui/Panel";
import { TimeAgo } from "@/ui/TimeAgo";

export default function Tokens() {
  const [making, setMaking] = useState(false);
  const revoke = useDo({ run: (t: Token) => revokeToken(t.id), done: (_r, t) => `${t.name} is no longer accepted`, touches: ["token"] });
  useActions([{ id: "token-new", label: "Make an API token", group: "Actions", keys: "c", run: () => setMaking(true) }]);
  const can = useCan();
  const columns: Column<Token>[] = [
    { id: "name", label: "Token", width: "minmax(8rem, 1.2fr)", sort: "name", narrow: true, cell: (t) => <>{t.name} <span className="mono dim" title="Its last four characters">…{t.hint}</span></>, text: (t) => t.name },
    ...(can("users:admin") ? [{ id: "owner", label: "Acts as", width: "minmax(6rem, 1fr)", sort: "user", cell: (t: Token) => <Person id={t.user} />, text: (t: Token) => t.user }] : []),
    { id: "scopes", label: "May do at most", width: "minmax(8rem, 2fr)", cell: (t) => all(t) ? <span className="dim">what its owner may</span> : <span className="row" style={{ gap: "0.25rem" }}>{t.scopes!.map((s) => <Tag key={s}>{s}</Tag>)}</span>, text: (t) => t.scopes?.join(" ") },
    { id: "state", label: "State", width: "6.5rem", narrow: true, cell: (t) => <StateBadge state={standing(t)} />, text: standing },
    { id: "used", label: "Last used", width: "7rem", align: "right", sort: "used", cell: (t) => t.used ? <span title={t.address && `From ${t.address}`}><TimeAgo at={t.used} /></span> : <span className="dim">never</span>, text: (t) => t.used },
    { id: "address", label: "From", width: "8rem", hidden: true, cell: (t) => t.address, text: (t) => t.address },
    { id: "expires", label: "Expires", width: "7rem", align: "right", sort: "expires", cell: (t) => t.expires ? <TimeAgo at={t.expires} /> : <span className="dim">never</span>, text: (t) => t.expires },
    { id: "created", label: "Made", width: "7rem", align: "right", sort: "created", cell: (t) => <TimeAgo at={t.created} />, text: (t) => t.created },
    { id: "act", label: "Action", width: "5.5rem", align: "right", narrow: true, cell: (t) => <ConfirmButton size="compact-xs" question={<>Whatever uses <strong>{t.name}</strong> is refused from now on.</>} yes="Revoke" onYes={() => revoke.mutate(t)}>Revoke</ConfirmButton>, text: () => "" },
  ];
  return (
    <>
      <PageHead title="API tokens" sub="For scripts and other programs" actions={<Button onClick={() => setMaking(true)}>Make a token</Button>} />
      <ListView<Token> kind="token" path={tokensPath} label="API tokens" columns={columns} rowKey={(t) => t.id} searchable={false}
        empty={<Empty title="No tokens yet" action={<Button onClick={() => setMaking(true)}>Make a token</Button>}>A token lets a program use the API in your name, limited to what you allow.</Empty>} />
      {making && <Make onClose={() => setMaking(false)} />}
    </>
  );
}

const all = (t: Token) => !t.scopes?.length || t.scopes.includes("*:*");
const standing = (t: Token) => (t.expires && Date.parse(t.expires) < Date.now() ? "expired" : "active");

const lives = [{ value: "30", label: "30 days" }, { value: "90", label: "90 days" }, { value: "365", label: "a year" }, { value: "0", label: "until it is revoked" }];

function Make({ onClose }: { onClose: () => void }) {
  const [name, setName] = useState("");
  const [scopes, setScopes] = useState<string[]>([]);
  const [days, setDays] = useState<string | null>("90");
  const me = useMe();
  const can = useCan();
  const users = useQuery({ ...usersQuery, enabled: can("users:admin") });
  const [user, setUser] = useState<string | null>(null);
  const make = useDo({ run: () => createToken({ name, user: user ?? undefined, scopes: scopes.length ? scopes : undefined, expires: days && days !== "0" ? new Date(Date.now() + Number(days) * 86_400_000).toISOString() : undefined }), touches: ["token"] });
  return (
    <Modal opened onClose={onClose} title="Make an API token" closeButtonProps={{ "aria-label": "Close" }}>
      {make.data ? (
        <div className="stack">
          <p>This is the token. It is shown only now.</p>
          <Copy value={make.data.secret} label="Copy the token" />
          <Button variant="default" onClick={onClose}>Done</Button>
        </div>
      ) : (
        <form className="stack" onSubmit={(e) => { e.preventDefault(); make.mutate(undefined); }}>
          <TextInput label="Name" description="What will use it" required data-autofocus value={name} onChange={(e) => setName(e.currentTarget.value)} />
          {can("users:admin") && <Select label="Acts as" searchable placeholder={me?.name || me?.username} clearable data={(users.data?.items ?? []).map((u) => ({ value: u.id, label: u.kind === "service" ? `${u.username} (service)` : u.username }))} value={user} onChange={setUser} />}
          <TagsInput size="xs" acceptValueOnBlur label="May do at most" description="Permissions such as items:read or *:read; empty: what you may" value={scopes} onChange={setScopes} />
          <Select label="Valid for" data={lives} value={days} onChange={setDays} allowDeselect={false} />
          {make.error && <ProblemView error={make.error} />}
          <Button type="submit" loading={make.isPending} disabled={!name}>Make</Button>
        </form>
      )}
    </Modal>
  );
}
