import { MultiSelect, Select } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { keepPreviousData, useQueries, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { itemsPath } from "@/api/graph";
import { page } from "@/api/lists";
import { itemName } from "@/api/names";
import type { Item } from "@/api/items";

/** Items whose names hold what is typed. */
function useFound(text: string): { value: string; label: string }[] {
  const [q] = useDebouncedValue(text, 200);
  const found = useQuery({
    queryKey: ["item", "pick", q],
    queryFn: ({ signal }) => page<Item>(itemsPath, { q, limit: 20 }, undefined, signal),
    placeholderData: keepPreviousData,
  });
  return (found.data?.items ?? []).map((i) => ({ value: i.id, label: `${i.name} (${i.class})` }));
}

/** Finds one item by its name among any number. In a toolbar its label is for those who hear it. */
export function ItemPicker({ label, value, onChange, placeholder = "Search by name", autoFocus, toolbar }: { label: string; value: string; onChange: (id: string) => void; placeholder?: string; autoFocus?: boolean; toolbar?: boolean }) {
  const [text, setText] = useState("");
  return (
    <Select data-autofocus={autoFocus || undefined} label={toolbar ? undefined : label} aria-label={label} placeholder={placeholder} searchable clearable nothingFoundMessage="No such item" searchValue={text} onSearchChange={setText}
      data={useFound(text)} filter={({ options }) => options}
      value={value || null} onChange={(v) => onChange(v ?? "")} />
  );
}

/** Finds any number of items. */
export function ItemsPicker({ label, description, value, onChange }: { label: string; description?: string; value: string[]; onChange: (ids: string[]) => void }) {
  const [text, setText] = useState("");
  const found = useFound(text);
  const names = useQueries({ queries: value.map((id) => ({ queryKey: ["item", "name", id], queryFn: () => itemName(id), staleTime: 300_000 })) });
  const chosen = value.map((id, i) => ({ value: id, label: names[i]?.data?.name ?? "…" }));
  return (
    <MultiSelect label={label} description={description} placeholder={value.length ? undefined : "Search by name"} searchable clearable hidePickedOptions nothingFoundMessage="No such item" searchValue={text} onSearchChange={setText}
      data={[...chosen, ...found.filter((f) => !value.includes(f.value))]} filter={({ options }) => options}
      value={value} onChange={onChange} />
  );
}
