import { Button, Menu } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { deleteItem } from "@/api/graph";
import type { ItemDetails } from "@/api/items";
import { useActions } from "@/app/actions";
import { useCan } from "@/app/session";
import { Confirm } from "@/components/Confirm";
import { EditItem } from "./EditItem";
import { MergeItem } from "./Merge";
import { Relate } from "./Relate";

type Asking = "edit" | "relate" | "merge" | "delete";

/** What a person may change about an item. */
export function ItemActions({ item: i }: { item: ItemDetails }) {
  const can = useCan();
  const navigate = useNavigate();
  const [asking, setAsking] = useState<Asking>();
  const why = can("items:write") ? undefined : "Your role may not change items";
  const close = () => setAsking(undefined);
  const verbs: [Asking, string, string?][] = [["edit", "Edit name and team", "e"], ["relate", "Add a relation", "r"], ["merge", "Merge with another item", "m"], ["delete", "Delete this item"]];
  useActions(verbs.map(([what, label, keys]) => ({ id: `item-${what}`, label, group: "Actions" as const, keys, disabled: why, run: () => setAsking(what) })));
  return (
    <>
      {can("availability:read") && <Button variant="default" onClick={() => void navigate({ to: "/availability/$id", params: { id: i.id } })}>Availability</Button>}
      <Menu position="bottom-end">
        <Menu.Target><Button variant="default" disabled={Boolean(why)} title={why}>Change</Button></Menu.Target>
        <Menu.Dropdown>{verbs.map(([what, label]) => <Menu.Item key={what} onClick={() => setAsking(what)}>{label}…</Menu.Item>)}</Menu.Dropdown>
      </Menu>
      {asking === "edit" && <EditItem item={i} onClose={close} />}
      {asking === "relate" && <Relate item={i} onClose={close} />}
      {asking === "merge" && <MergeItem item={i} onClose={close} />}
      {asking === "delete" && (
        <Confirm title={`Delete ${i.name}`} action="Delete" done={`${i.name} was deleted`} touches={["item", "map", "ledger"]} run={() => deleteItem(i.id)} then={() => void navigate({ to: "/items" })} onClose={close}>
          <p>Its relations end, and it leaves lists and the map. Its history stays.</p>
          <p className="dim">A source that still sees the thing brings it back as a new item.</p>
        </Confirm>
      )}
    </>
  );
}
