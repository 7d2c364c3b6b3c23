import { Button, Select, TextInput } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { documentsQuery, exportAddress, kindsQuery, type DocumentRow } from "@/api/documents";
import { useActions } from "@/app/actions";
import { useCan } from "@/app/session";
import { useUrl } from "@/app/url";
import { DocumentEditor } from "@/components/DocumentEditor";
import { brief } from "@/components/brief";
import { Show } from "@/components/Query";
import { visible, type Column } from "@/components/table/column";
import { DataTable } from "@/components/table/DataTable";
import { Empty } from "@/ui/Empty";
import { IconSearch } from "@/ui/icons";
import { PageHead } from "@/ui/Panel";
import classes from "./Documents.module.css";
import { template } from "./templates";

const said = (d: DocumentRow) => brief(d.spec.description ?? d.spec.title ?? d.spec.reason ?? d.spec.label ?? "").replace(/^–$/, "");

const columns: Column<DocumentRow>[] = [
  { id: "name", label: "Name", width: "minmax(10rem, 1fr)", narrow: true, cell: (d) => d.name, text: (d) => d.name },
  { id: "says", label: "About", width: "minmax(10rem, 1.5fr)", narrow: true, cell: (d) => <span className="dim">{said(d)}</span>, text: said },
  { id: "fields", label: "Fields", width: "minmax(10rem, 1.5fr)", cell: (d) => <span className="mono dim">{Object.keys(d.spec ?? {}).join(", ")}</span>, text: (d) => Object.keys(d.spec ?? {}).join(", ") },
];

/** Everything that can be declared, as the text that declares it. */
export default function Documents() {
  const [search, setUrl] = useUrl();
  const can = useCan();
  const [text, setText] = useState("");
  const [making, setMaking] = useState(false);
  const narrow = Boolean(useMediaQuery("(max-width: 48rem)", false, { getInitialValueInEffect: false }));
  const kinds = useQuery(kindsQuery);
  const readable = (kinds.data ?? []).filter((k) => can(`${k.resource}:read`));
  const kind = readable.find((k) => k.name === search.tab) ?? readable.find((k) => k.name === "Check") ?? readable[0];
  const documents = useQuery(documentsQuery(kind?.name ?? ""));
  const rows = useMemo(() => (documents.data ?? []).filter((d) => !text || `${d.name} ${said(d)}`.toLowerCase().includes(text.toLowerCase())), [documents.data, text]);
  const why = kind && !can(`${kind.resource}:write`) ? `Your role may not change documents of kind ${kind.name}` : undefined;
  const choose = (name: string) => { setText(""); setUrl({ tab: name, show: undefined }); };
  useActions([{ id: "document-new", label: `New ${kind?.name ?? "document"}`, group: "Actions", keys: "c", disabled: why, run: () => setMaking(true) }]);
  return (
    <>
      <PageHead title="Documents" sub="What is declared, as YAML: the same text as mainstay apply takes"
        actions={<><Button component="a" variant="default" href={exportAddress()} download="mainstay.yaml">Export all</Button>
          <Button component="a" variant="default" href={exportAddress(kind?.name)} download={`${kind?.name ?? "documents"}.yaml`}>Export {kind?.name}</Button>
          <Button disabled={!kind || Boolean(why)} title={why} onClick={() => setMaking(true)}>New {kind?.name}</Button></>} />
      <Show query={kinds} lines={6}>
        {() => !kind ? <Empty title="Your role may read no kind of document" /> : (
          <>
            <div className="row wrap">
              {narrow && <Select aria-label="Kind" data={readable.map((k) => k.name)} value={kind.name} allowDeselect={false} onChange={(v) => v && choose(v)} />}
              <TextInput data-search type="search" aria-label="Filter by text" placeholder="Filter by text" leftSection={<IconSearch size={14} />} value={text} onChange={(e) => setText(e.currentTarget.value)} style={{ width: "15rem" }} />
            </div>
            <div className={classes.kinds}>
              <ul className={classes.list} aria-label="Kinds of document">
                {readable.map((k) => <li key={k.name}><button type="button" className={classes.kind} aria-current={k.name === kind.name} onClick={() => choose(k.name)}>{k.name}<small>{k.summary}</small></button></li>)}
              </ul>
              <div className={classes.rows}>
                <Show query={documents} lines={6}>
                  {() => <DataTable label={`Documents of kind ${kind.name}`} columns={visible(columns, undefined, narrow)} rows={rows} rowKey={(d) => d.name} onOpen={(d) => setUrl({ show: d.name, tab: kind.name }, { push: true })} selected={search.show}
                    total={rows.length ? `${rows.length.toLocaleString("en")} of ${documents.data!.length.toLocaleString("en")}` : undefined}
                    empty={<Empty title={text ? "Nothing matches" : `No ${kind.name} yet`} action={!text && <Button disabled={Boolean(why)} title={why} onClick={() => setMaking(true)}>New {kind.name}</Button>} />} />}
                </Show>
              </div>
            </div>
            <DocumentEditor what={making ? { kind: kind.name, draft: template(kind.name) } : search.show ? { kind: kind.name, name: search.show } : undefined} why={why}
              onClose={() => { setMaking(false); setUrl({ show: undefined }); }} />
          </>
        )}
      </Show>
    </>
  );
}
