import { Button, Modal, TextInput } from "@mantine/core";
import { useState } from "react";
import { enrol } from "@/api/platform";
import { Copy } from "@/components/Copy";
import { ProblemView } from "@/components/ProblemView";
import { useDo } from "@/components/toast";
import { TimeAgo } from "@/ui/TimeAgo";

/** A one-time token, and the command that uses it on the host. */
export function Enrol({ onClose }: { onClose: () => void }) {
  const [name, setName] = useState("");
  const make = useDo({ run: () => enrol({ name: name || undefined }), touches: ["agent"] });
  const made = make.data;
  const command = made && (`mainstay agent --server ${location.origin} --enrol ${made.token}${name ? ` --name '${name.replaceAll("'", "'\\''")}'` : ""}`);
  return (
    <Modal opened onClose={onClose} title="Add a host" size="lg" closeButtonProps={{ "aria-label": "Close" }}>
      {!made ? (
        <form className="stack" onSubmit={(e) => { e.preventDefault(); make.mutate(undefined); }}>
          <p>An agent enrols once with a token and gets an identity of its own. The token works one time and expires.</p>
          <TextInput label="Name of the agent" description="Empty: the host's name" data-autofocus value={name} onChange={(e) => setName(e.currentTarget.value)} />
          {make.error && <ProblemView error={make.error} />}
          <Button type="submit" loading={make.isPending}>Make a token</Button>
        </form>
      ) : (
        <div className="stack">
          <p>Run this on the host. The token is shown only now{made.expiresAt && <> and expires <TimeAgo at={made.expiresAt} /></>}.</p>
          <Copy value={command!} label="Copy the command" />
          <p className="dim">The agent appears in the list as soon as it connects; its host follows in the graph a moment later.</p>
          <Button variant="default" onClick={onClose}>Done</Button>
        </div>
      )}
    </Modal>
  );
}
