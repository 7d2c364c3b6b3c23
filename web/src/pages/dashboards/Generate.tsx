import { Button, Modal } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { itemQuery } from "@/api/graph";
import { ItemPicker } from "@/components/ItemPicker";

/** Finds the item whose dashboard is opened. */
export function Generate({ onClose }: { onClose: () => void }) {
  const navigate = useNavigate();
  const [id, setId] = useState("");
  const item = useQuery({ ...itemQuery(id), enabled: Boolean(id) });
  return (
    <Modal opened onClose={onClose} title="The dashboard of an item" closeButtonProps={{ "aria-label": "Close" }}>
      <div className="stack">
        <ItemPicker label="Item" value={id} onChange={setId} autoFocus />
        <Button disabled={!item.data} loading={Boolean(id) && item.isPending} onClick={() => void navigate({ to: "/dashboards/class/$class" as "/", params: { class: item.data!.class } as never, search: { item: id } as never })}>Open it</Button>
      </div>
    </Modal>
  );
}
