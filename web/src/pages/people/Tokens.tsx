import { ActionIcon, Button, CopyButton, Modal, Select, TagsInput, TextInput, Tooltip } from "@mantine/core";
import { useState } from "react";
import { createToken, revokeToken, tokensPath } from "@/api/platform";
import type { Token } from "@/api/types";
import { useActions } from "@/app/actions";
import { ProblemView } from "@/components/ProblemView";
import type { Column } from "@/components/table/column";
import { ListView } from "@/components/table/ListView";
import { useDo } from "@/components/toast";
import enrol from "@/pages/agents/Enrol.module.css";
import { Tag } from "@/ui/Badges";
import { Empty } from "@/ui/Empty";
import { IconCopy } from "@/ui/icons";
import { PageHead } from "@/ui/Panel";
import { TimeAgo } from "@/ui/TimeAgo";

export default function Tokens() {
  const [making, setMaking] = useState(false);
  const revoke = useDo({ run: (t: Token) => revokeToken(t.id), done: (_r, t) => `${t.name} is no longer accepted`, touches: ["token"] });
  useActions([{ id: "token-new", label: "Make an API token", group: "Actions", keys: "c", run: () => setMaking(true) }]);
  const columns: Column<Token>[] = [
    { id: "name", label: "Token", width: "minmax(8rem, 1.2fr)", sort: "name", narrow: true, cell: (t) => t.name, text: (t) => t.name },
    { id: "scopes", label: "May do at most", width: "minmax(8rem, 2fr)", cell: (t) => t.scopes?.length ? <span className="row" style={{ gap: "0.25rem" }}>{t.scopes.map((s) => <Tag key={s}>{s}</Tag>)}</span> : <span className="dim">what its owner may</span>, text: (t) => t.scopes?.join(" ") },
    { id: "created", label: "Made", width: "7rem", align: "right", cell: (t) => <TimeAgo at={t.created} />, text: (t) => t.created },
    { id: "used", label: "Last used", width: "7rem", align: "right", cell: (t) => <TimeAgo at={t.used} />, text: (t) => t.used },
    { id: "expires", label: "Expires", width: "7rem", align: "right", narrow: true, cell: (t) => t.expires ? <TimeAgo at={t.expires} /> : <span className="dim">never</span>, text: (t) => t.expires },
    { id: "act", label: "Action", width: "5.5rem", align: "right", narrow: true, cell: (t) => <Button size="compact-xs" variant="default" onClick={() => revoke.mutate(t)}>Revoke</Button>, text: () => "" },
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

const lives = [{ value: "30", label: "30 days" }, { value: "90", label: "90 days" }, { value: "365", label: "a year" }];

function Make({ onClose }: { onClose: () => void }) {
  const [name, setName] = useState("");
  const [scopes, setScopes] = useState<string[]>([]);
  const [days, setDays] = useState<string | null>("90");
  const make = useDo({ run: () => createToken({ name, scopes: scopes.length ? scopes : undefined, expires: days ? new Date(Date.now() + Number(days) * 86_400_000).toISOString() : undefined }), touches: ["token"] });
  return (
    <Modal opened onClose={onClose} title="Make an API token" closeButtonProps={{ "aria-label": "Close" }}>
      {make.data ? (
        <div className="stack">
          <p>This is the token. It is shown only now.</p>
          <div className={enrol.command}><code>{make.data.secret}</code><CopyButton value={make.data.secret}>{({ copy, copied }) => <Tooltip label={copied ? "Copied" : "Copy"}><ActionIcon aria-label="Copy the token" onClick={copy}><IconCopy size={16} /></ActionIcon></Tooltip>}</CopyButton></div>
          <Button variant="default" onClick={onClose}>Done</Button>
        </div>
      ) : (
        <form className="stack" onSubmit={(e) => { e.preventDefault(); make.mutate(undefined); }}>
          <TextInput label="Name" description="What will use it" required data-autofocus value={name} onChange={(e) => setName(e.currentTarget.value)} />
          <TagsInput label="May do at most" description="Permissions such as items:read or *:read; empty: what you may" value={scopes} onChange={setScopes} />
          <Select label="Valid for" data={lives} value={days} onChange={setDays} allowDeselect={false} />
          {make.error && <ProblemView error={make.error} />}
          <Button type="submit" loading={make.isPending} disabled={!name}>Make</Button>
        </form>
      )}
    </Modal>
  );
}
