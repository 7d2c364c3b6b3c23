import { Select } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { itemsPath } from "@/api/graph";
import { page } from "@/api/lists";
import type { Item } from "@/api/items";

/** Finds one item by its name among any number. */
export function ItemPicker({ label, value, onChange, placeholder = "Search by name", autoFocus }: { label: string; value: string; onChange: (id: string) => void; placeholder?: string; autoFocus?: boolean }) {
  const [text, setText] = useState("");
  const [q] = useDebouncedValue(text, 200);
  const found = useQuery({
    queryKey: ["item", "pick", q],
    queryFn: ({ signal }) => page<Item>(itemsPath, { q, limit: 20 }, undefined, signal),
    placeholderData: keepPreviousData,
  });
  return (
    <Select data-autofocus={autoFocus || undefined} label={label} placeholder={placeholder} searchable clearable nothingFoundMessage="No such item" searchValue={text} onSearchChange={setText}
      data={(found.data?.items ?? []).map((i) => ({ value: i.id, label: `${i.name} (${i.class})` }))} filter={({ options }) => options}
      value={value || null} onChange={(v) => onChange(v ?? "")} />
  );
}
