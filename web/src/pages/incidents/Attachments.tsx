import { Button, FileButton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { attach, attachmentsQuery } from "@/api/desk";
import { useCan } from "@/app/session";
import { Show } from "@/components/Query";
import { useDo } from "@/components/toast";
import { bytes } from "@/format/number";
import { IconPaperclip } from "@/ui/icons";
import { Panel } from "@/ui/Panel";
import { TimeAgo } from "@/ui/TimeAgo";

export function Attachments({ id }: { id: string }) {
  const can = useCan();
  const query = useQuery(attachmentsQuery(id));
  const send = useDo({ run: (f: File) => attach(id, f), done: (_r, f) => `${f.name} was attached`, touches: ["incident"] });
  const why = can("incidents:act") ? undefined : "Your role may not attach files";
  return (
    <Panel title="Attachments" actions={<FileButton onChange={(f) => f && send.mutate(f)}>{(p) => <Button {...p} variant="default" disabled={Boolean(why)} title={why} loading={send.isPending} leftSection={<IconPaperclip size={14} />}>Attach</Button>}</FileButton>}>
      <Show query={query} lines={1}>
        {(p) => p.items.length ? (
          <div className="stack" style={{ gap: "0.375rem" }}>
            {p.items.map((a) => (
              <div key={a.id} className="row">
                <a className="link cut" href={`/api/v1/incidents/${id}/attachments/${a.id}`} download={a.name}>{a.name}</a>
                <span className="dim nowrap">{bytes(a.size)}</span>
                <span className="dim nowrap" style={{ marginLeft: "auto" }}><TimeAgo at={a.at} /></span>
              </div>
            ))}
          </div>
        ) : <p className="dim">No files.</p>}
      </Show>
    </Panel>
  );
}
