import { Drawer } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { receiversQuery } from "@/api/receivers";
import type { Receiver } from "@/api/types";
import { useUrl } from "@/app/url";
import { Copy } from "@/components/Copy";
import { Show } from "@/components/Query";
import { visible, type Column } from "@/components/table/column";
import { DataTable } from "@/components/table/DataTable";
import { Sheet } from "@/components/table/Sheet";
import { bytes, count, plural, seconds } from "@/format/number";
import { StateBadge } from "@/ui/Badges";
import { Empty } from "@/ui/Empty";
import { Mark } from "@/ui/Mark";
import { Facts, PageHead } from "@/ui/Panel";
import { At, TimeAgo } from "@/ui/TimeAgo";
import { recipes } from "./guide";
import { MIBFiles } from "./MIBFiles";
import classes from "./Receivers.module.css";

const none = <span className="dim">0</span>;
const sum = (n: number) => (n ? <span className={classes.bad} title={n.toLocaleString("en")}>{count(n)}</span> : none);

const columns: Column<Receiver>[] = [
  { id: "name", label: "Receiver", width: "minmax(8rem, 1fr)", narrow: true, cell: (r) => <span title={r.troubled ? r.trouble : r.protocol}>{r.troubled && <><Mark level="warning" size={12} /> </>}{r.name}</span>, text: (r) => r.name },
  { id: "protocol", label: "Takes", width: "minmax(9rem, 1.2fr)", cell: (r) => <span className="dim">{r.protocol}</span>, text: (r) => r.protocol },
  { id: "address", label: "Address", width: "minmax(8rem, 1.2fr)", cell: (r) => <span className="mono" title={r.address}>{r.address}</span>, text: (r) => r.address },
  { id: "rate", label: "Rate", width: "5.5rem", align: "right", narrow: true, cell: (r) => (r.rate ? `${count(r.rate)}/s` : <span className="dim">0/s</span>), text: (r) => r.rate },
  { id: "taken", label: "Taken", width: "5rem", align: "right", cell: (r) => <span title={r.taken.toLocaleString("en")}>{count(r.taken)}</span>, text: (r) => r.taken },
  { id: "refused", label: "Refused", width: "5rem", align: "right", cell: (r) => sum(r.refused), text: (r) => r.refused },
  { id: "lost", label: "Lost", width: "4.5rem", align: "right", narrow: true, cell: (r) => sum(r.lost), text: (r) => r.lost },
  { id: "lag", label: "Lag", width: "4.5rem", align: "right", cell: (r) => (r.lastSeen ? seconds(r.lagSeconds) : <span className="dim">–</span>), text: (r) => r.lagSeconds },
  { id: "connections", label: "Open", width: "4rem", align: "right", cell: (r) => r.connections || none, text: (r) => r.connections },
  { id: "seen", label: "Last message", width: "7rem", align: "right", cell: (r) => (r.lastSeen ? <TimeAgo at={r.lastSeen} /> : <span className="dim">never</span>), text: (r) => r.lastSeen },
];

/** Every listener for others' signals: what it takes, and how a device is pointed at it. */
export default function Receivers() {
  const [search, setUrl] = useUrl();
  const narrow = useMediaQuery("(max-width: 48em)");
  const query = useQuery(receiversQuery);
  return (
    <>
      <PageHead title="Receivers" sub="Listeners for what others send, counted since the server's start. Syslog, RELP, GELF and traps are listed once the configuration opens their ports" />
      <Show query={query} lines={4}>
        {(list) => (
          <Sheet>
            <DataTable label="Receivers" columns={visible(columns, undefined, Boolean(narrow))} rows={list} rowKey={(r) => r.name} selected={search.show} onOpen={(r) => setUrl({ show: r.name }, { push: true })}
              empty={<Empty title="Nothing listens yet"><p>Syslog and SNMP traps are received where the configuration names an address, such as</p><Copy value={"syslog:\n  udp: :5514\n  tcp: :5514\ntraps:\n  listen: :10162"} label="Copy the configuration" /></Empty>} />
          </Sheet>
        )}
      </Show>
      <MIBFiles />
      <ReceiverDrawer receiver={query.data?.find((r) => r.name === search.show)} asked={search.show} onClose={() => setUrl({ show: undefined })} />
    </>
  );
}

function ReceiverDrawer({ receiver: r, asked, onClose }: { receiver?: Receiver; asked?: string; onClose: () => void }) {
  const ways = r ? recipes(r, location.hostname) : [];
  return (
    <Drawer opened={Boolean(asked)} onClose={onClose} position="right" size="38rem" title="Receiver" closeButtonProps={{ "aria-label": "Close" }}>
      {!r ? <p className="dim">This receiver does not listen (any more).</p> : (
        <div className="stack">
          <h2>{r.name}</h2>
          {r.lost > 0 && <div><StateBadge state="degraded" soft /></div>}
          <Facts wide rows={[
            ["Takes", r.protocol], ["Address", <span className="mono">{r.address}</span>], ["What it takes goes to", r.feeds],
            ["Rate", `${count(r.rate)} messages a second`], ["Taken", `${plural(r.taken, "message")}, ${bytes(r.bytes)}`],
            ["Refused", r.refused ? r.refused.toLocaleString("en") : "none"],
            ["Lost", r.lost ? `${r.lost.toLocaleString("en")} that the system dropped before they were read` : "none"],
            ["From arrival to durable", r.lastSeen && seconds(r.lagSeconds)], ["Connections", r.connections],
            ["Last message", r.lastSeen && <><At at={r.lastSeen} /> <span className="dim">(<TimeAgo at={r.lastSeen} />)</span></>],
            Boolean(r.trouble) && ["Last trouble", <>{r.trouble} {r.troubleAt && <span className="dim">(<TimeAgo at={r.troubleAt} />)</span>}</>],
          ]} />
          {ways.length > 0 && <h3>How to send here</h3>}
          {ways.map((w) => (
            <section key={w.from} className={classes.recipe}>
              <h3>{w.from}</h3>
              <p className="dim">{w.where}</p>
              <Copy value={w.lines} label={`Copy the lines for ${w.from}`} />
            </section>
          ))}
        </div>
      )}
    </Drawer>
  );
}
