import { Select } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { situationsPath } from "@/api/events";
import { page } from "@/api/lists";
import type { Situation } from "@/api/types";
import { plural } from "@/format/number";
import { ago } from "@/format/time";
import { situationOpen } from "@/pages/conditions";

/** One of the open situations, found by its title or its root cause. */
export function SituationPicker({ label, value, onChange, without, description }: { label: string; value: Situation | undefined; onChange: (s: Situation | undefined) => void; without: string; description?: string }) {
  const [text, setText] = useState("");
  const [q] = useDebouncedValue(value && text === value.title ? "" : text, 200);
  const found = useQuery({
    queryKey: ["situation", "pick", q],
    queryFn: ({ signal }) => page<Situation>(situationsPath, { q, where: situationOpen, sort: "-openedAt", limit: 30 }, undefined, signal),
    placeholderData: keepPreviousData,
  });
  const others = (found.data?.items ?? []).filter((s) => s.id !== without);
  const byId = new Map(others.map((s) => [s.id, s]));
  if (value) byId.set(value.id, value);
  return (
    <Select label={label} description={description} placeholder="Search by title" searchable clearable nothingFoundMessage="No other open situation" data-autofocus maxDropdownHeight={300}
      searchValue={text} onSearchChange={setText} filter={({ options }) => options}
      data={[...byId.values()].map((s) => ({ value: s.id, label: s.title }))} value={value?.id ?? null} onChange={(id) => onChange(id ? byId.get(id) : undefined)}
      renderOption={({ option }) => {
        const s = byId.get(option.value);
        return <div style={{ minWidth: 0 }}><div className="cut">{option.label}</div>{s && <div className="dim">{plural(s.alerts, "alert")}, opened {ago(Date.parse(s.openedAt), Date.now())}</div>}</div>;
      }} />
  );
}
