import { Button, Modal, TextInput } from "@mantine/core";
import { useState } from "react";
import { createTeam } from "@/api/platform";
import { ProblemView } from "@/components/ProblemView";
import { useDo } from "@/components/toast";

export function NewTeam({ onClose }: { onClose: () => void }) {
  const [name, setName] = useState("");
  const [description, setDescription] = useState("");
  const save = useDo({ run: () => createTeam({ name, description: description || undefined }), done: `${name} was added`, touches: ["team"], then: onClose });
  return (
    <Modal opened onClose={onClose} title="Add a team" closeButtonProps={{ "aria-label": "Close" }}>
      <form className="stack" onSubmit={(e) => { e.preventDefault(); save.mutate(undefined); }}>
        <TextInput label="Name" required data-autofocus value={name} onChange={(e) => setName(e.currentTarget.value)} />
        <TextInput label="Description" value={description} onChange={(e) => setDescription(e.currentTarget.value)} />
        {save.error && <ProblemView error={save.error} />}
        <Button type="submit" loading={save.isPending} disabled={!name}>Add</Button>
      </form>
    </Modal>
  );
}
