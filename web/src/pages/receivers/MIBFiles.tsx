import { Button, FileButton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { addMIBFile, mibFilesQuery, removeMIBFile } from "@/api/receivers";
import { useCan } from "@/app/session";
import { ConfirmButton } from "@/components/ConfirmButton";
import { Show } from "@/components/Query";
import { useDo } from "@/components/toast";
import { bytes, plural } from "@/format/number";
import { Mark } from "@/ui/Mark";
import { Panel } from "@/ui/Panel";
import classes from "./Receivers.module.css";

/** The MIB files that name traps and their values: what each holds, and what of it cannot be read. */
export function MIBFiles() {
  const can = useCan();
  const query = useQuery(mibFilesQuery);
  const why = can("alerts:write") ? undefined : "Your role may not add MIB files";
  const add = useDo({
    run: addMIBFile, touches: ["mib-file"],
    done: (r, f) => `${f.name} was added: ${r.modules.map((m) => m.name).join(", ") || "its modules are in another file already"}${r.problems.length ? `, with ${plural(r.problems.length, "problem")}` : ""}`,
  });
  const drop = useDo({ run: removeMIBFile, touches: ["mib-file"], done: (_r, name) => `${name} was removed` });
  return (
    <Panel title="MIB files" count={query.data?.items.length} hint="They name SNMP traps and their values"
      actions={<FileButton onChange={(f) => f && add.mutate(f)}>{(p) => <Button {...p} variant="default" disabled={Boolean(why)} title={why} loading={add.isPending}>Add a file</Button>}</FileButton>}>
      <Show query={query} lines={2}>
        {(d) => (
          <div className="stack" style={{ gap: "0.375rem" }}>
            {!d.items.length && <p className="dim">None yet: traps of vendors are shown by their numbers.</p>}
            {d.items.map((f) => (
              <div key={f.name} className="row wrap">
                <span className="mono cut" title={f.name}>{f.name}</span>
                <span className="dim">{f.modules.map((m) => `${m.name}: ${plural(m.objects, "object")}, ${plural(m.notifications, "notification")}`).join("; ") || "no module"}, {bytes(f.bytes)}</span>
                {f.problems > 0 && <span><Mark level="warning" size={12} /> {plural(f.problems, "problem")}</span>}
                {f.added && <span style={{ marginLeft: "auto" }}><ConfirmButton variant="subtle" size="compact-xs" question={`Remove ${f.name}? Traps that it names are shown by their numbers again.`} yes="Remove" onYes={() => drop.mutate(f.name)} why={why} loading={drop.isPending && drop.variables === f.name}>Remove</ConfirmButton></span>}
              </div>
            ))}
            {d.problems.length > 0 && (
              <details>
                <summary>{plural(d.problems.length, "problem")}, by file and line; all else is in force</summary>
                <ul className={classes.problems}>{d.problems.slice(0, 200).map((p, i) => <li key={i}><span className="mono">{p.file}:{p.line}</span> {p.text}</li>)}</ul>
              </details>
            )}
          </div>
        )}
      </Show>
    </Panel>
  );
}
