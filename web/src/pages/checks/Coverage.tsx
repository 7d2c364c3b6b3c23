import { Button, Select, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { classesQuery } from "@/api/graph";
import { coverageQuery } from "@/api/monitor";
import { useUrl } from "@/app/url";
import { ItemLink } from "@/components/Names";
import { Show } from "@/components/Query";
import { Empty } from "@/ui/Empty";
import { PageHead, Panel } from "@/ui/Panel";
import { percent } from "./history";

/** Which items of a class no check is about. */
export default function Coverage() {
  const [search, setUrl] = useUrl();
  const classes = useQuery(classesQuery);
  const selector = search.q ?? "class=host";
  const [text, setText] = useState(selector);
  const [settled] = useDebouncedValue(selector, 150);
  const query = useQuery({ ...coverageQuery(settled), placeholderData: keepPreviousData });
  const choose = (q: string) => { setText(q); setUrl({ q }); };
  return (
    <>
      <PageHead title="Check coverage" sub={<span>Items that no check is about: nobody would notice when they fail.</span>} />
      <div className="row wrap" style={{ alignItems: "flex-end", gap: "0.75rem", marginBottom: "0.75rem" }}>
        <Select label="Class" searchable placeholder="Any" data={(classes.data?.items ?? []).map((c) => c.name)} value={/^class=([a-z_]+)$/.exec(selector)?.[1] ?? null} onChange={(v) => v && choose(`class=${v}`)} />
        <form className="row grow" style={{ alignItems: "flex-end" }} onSubmit={(e) => { e.preventDefault(); choose(text); }}>
          <TextInput label="Selector" style={{ flex: 1, minWidth: "14rem" }} styles={{ input: { fontFamily: "var(--mantine-font-family-monospace)" } }} value={text} onChange={(e) => setText(e.currentTarget.value)} />
          <Button type="submit" variant="default">Look</Button>
        </form>
      </div>
      <Show query={query} lines={4}>
        {(c) => (
          <Panel title="Without a check" count={(c.items - c.covered).toLocaleString("en")} hint={c.items ? `${percent(c.covered / c.items)} of ${c.items.toLocaleString("en")} items are covered` : undefined}>
            {c.missing.length ? (
              <div className="row wrap" style={{ gap: "0.375rem 1rem" }}>{c.missing.map((id) => <ItemLink key={id} id={id} />)}{c.items - c.covered > c.missing.length && <span className="dim">and {(c.items - c.covered - c.missing.length).toLocaleString("en")} more</span>}</div>
            ) : <Empty title={c.items ? "Every item has a check" : "No item matches"} />}
          </Panel>
        )}
      </Show>
    </>
  );
}
