import { Button, Checkbox, Drawer, Modal, Select, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { changeSearch, deleteSearch, saveSearch, searchesQuery } from "@/api/searches";
import { teamsQuery } from "@/api/platform";
import type { SavedSearch, SavedSearchDraft } from "@/api/types";
import { useCan } from "@/app/session";
import { ConfirmButton } from "@/components/ConfirmButton";
import { Person, TeamName } from "@/components/Names";
import { Show } from "@/components/Query";
import { useDo } from "@/components/toast";
import { Empty } from "@/ui/Empty";
import { TimeAgo } from "@/ui/TimeAgo";
import classes from "./Search.module.css";

/** The searches one has: opened with a click, renamed, shared, deleted. */
export function SavedSearches({ onOpen, onClose }: { onOpen: (s: SavedSearch) => void; onClose: () => void }) {
  const query = useQuery(searchesQuery);
  const [text, setText] = useState("");
  const [changed, setChanged] = useState<SavedSearch>();
  const gone = useDo({ run: deleteSearch, done: (_, s) => `${s.name} was deleted`, touches: ["log-search", "document"] });
  return (
    <Drawer opened onClose={onClose} position="right" size="36rem" title="Saved searches" closeButtonProps={{ "aria-label": "Close" }}>
      <Show query={query} lines={5}>
        {(all) => {
          const list = all.filter((s) => `${s.name} ${s.spec.query} ${s.spec.description ?? ""}`.toLowerCase().includes(text.toLowerCase()));
          return all.length === 0 ? <Empty title="No saved searches yet">Save the search of the page to find it again here.</Empty> : (
            <div className="stack">
              {all.length > 8 && <TextInput type="search" aria-label="Find a saved search" placeholder="Find" value={text} onChange={(e) => setText(e.currentTarget.value)} />}
              <ul className={classes.saved}>
                {list.map((s) => (
                  <li key={s.id}>
                    <div className={classes.savedText}>
                      <button type="button" className="link" onClick={() => onOpen(s)}>{s.name}</button>{" "}
                      <span className="dim">{s.shared ? s.spec.team ? <>shared with <TeamName id={s.spec.team} /></> : "shared with everybody" : "only you"}{s.shared && !s.mine && <>, by <Person id={s.owner} none="a document" /></>}, <TimeAgo at={s.updatedAt} /></span>
                      {s.spec.description && <div>{s.spec.description}</div>}
                      {s.spec.datasets && <div className="dim">in {s.spec.datasets.join(", ")}</div>}
                      <code title={s.spec.query}>{s.spec.query || "everything"}</code>
                    </div>
                    {s.editable && <Button size="compact-xs" variant="default" aria-label={`Change ${s.name}`} onClick={() => setChanged(s)}>Change</Button>}
                    {s.editable && <ConfirmButton size="compact-xs" question={<>Delete <strong>{s.name}</strong>{s.shared && <> for everybody it is shared with</>}?</>} yes="Delete" loading={gone.isPending} onYes={() => gone.mutate(s)}>Delete</ConfirmButton>}
                  </li>
                ))}
              </ul>
            </div>
          );
        }}
      </Show>
      {changed && <SaveSearch old={changed} spec={changed.spec} onClose={() => setChanged(undefined)} />}
    </Drawer>
  );
}

/** Keeps a search under a name: for oneself, for a team, or for everybody. */
export function SaveSearch({ old, spec, onClose }: { old?: SavedSearch; spec: SavedSearch["spec"]; onClose: () => void }) {
  const can = useCan();
  const teams = useQuery(teamsQuery);
  const [name, setName] = useState(old?.name ?? "");
  const [description, setDescription] = useState(spec.description ?? "");
  const [whose, setWhose] = useState(old?.shared ? old.spec.team || "all" : "me");
  const [withRange, setWithRange] = useState(Boolean(old ? spec.from : false));
  const shared = whose !== "me";
  const draft: SavedSearchDraft = {
    name: name.trim(), shared,
    spec: { ...spec, description: description.trim() || undefined, team: shared && whose !== "all" ? whose : undefined, ...(withRange ? {} : { from: undefined, to: undefined }) },
  };
  const save = useDo({ run: () => (old ? changeSearch(old, draft) : saveSearch(draft)), done: `${draft.name} was saved`, failed: "It was not saved", touches: ["log-search", "document"], then: onClose });
  const choices = [{ value: "me", label: "Only me" }, ...(can("log-searches:write") || old?.shared ? [{ value: "all", label: "Everybody" }, ...(teams.data?.items ?? []).map((t) => ({ value: t.id, label: `Team ${t.name}` }))] : [])];
  return (
    <Modal opened onClose={onClose} title={old ? `Change ${old.name}` : "Save this search"} closeButtonProps={{ "aria-label": "Close" }}>
      <form className="stack" onSubmit={(e) => { e.preventDefault(); save.mutate(undefined); }}>
        <TextInput label="Name" required data-autofocus value={name} onChange={(e) => setName(e.currentTarget.value)} />
        <TextInput label="What it is for" value={description} onChange={(e) => setDescription(e.currentTarget.value)} />
        <Select label="Who sees it" data={choices} allowDeselect={false} value={whose} onChange={(v) => setWhose(v ?? "me")} />
        {spec.from && <Checkbox label={`With the time range (${spec.from} to ${spec.to ?? "now"})`} checked={withRange} onChange={(e) => setWithRange(e.currentTarget.checked)} />}
        <div><div className="dim">Query</div><code className={classes.block}>{spec.query || "everything"}</code>{spec.datasets && <div className="dim">in {spec.datasets.join(", ")}</div>}</div>
        <div className="row"><Button type="submit" loading={save.isPending} disabled={!name.trim()}>Save</Button><Button variant="default" onClick={onClose}>Cancel</Button></div>
      </form>
    </Modal>
  );
}
