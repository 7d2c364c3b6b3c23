import { Tabs } from "@mantine/core";
import { useUrl } from "@/app/url";
import { PageHead } from "@/ui/Panel";
import { Patterns } from "./Patterns";
import { Search } from "./Search";

/** What the logs say: line by line, or by pattern. */
export default function Logs() {
  const [search, setUrl] = useUrl();
  const tab = search.tab === "patterns" ? "patterns" : "lines";
  return (
    <>
      <PageHead title="Logs" />
      <Tabs value={tab} keepMounted={false} onChange={(t) => setUrl({ tab: t === "patterns" ? t : undefined, q: undefined, view: undefined, where: undefined, sort: undefined, compare: undefined, form: undefined, dataset: undefined })}>
        <Tabs.List aria-label="What is shown"><Tabs.Tab value="lines">Lines</Tabs.Tab><Tabs.Tab value="patterns">Patterns</Tabs.Tab></Tabs.List>
      </Tabs>
      {tab === "patterns" ? <Patterns /> : <Search />}
    </>
  );
}
