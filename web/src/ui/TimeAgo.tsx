import { age, ago, clock, duration, exact, zone } from "@/format/time";
import { useNow } from "./clock";

const zero = (at: string) => at.startsWith("0001-01-01");

/** How long ago, with the exact time on hover. */
export function TimeAgo({ at, bare }: { at: string | undefined | null; bare?: boolean }) {
  const now = useNow();
  if (!at || zero(at)) return <span className="dim">–</span>;
  const t = Date.parse(at);
  const text = ago(t, Math.max(now, Math.min(Date.now(), now + 6000)));
  return (
    <time dateTime={at} title={`${exact(t)} ${zone(t)}`} className="nowrap">
      {bare ? text.replace(/ ago$/, "") : text}
    </time>
  );
}

/** The exact time; today only the clock. */
export function At({ at }: { at: string | undefined | null }) {
  if (!at || zero(at)) return <span className="dim">–</span>;
  const t = Date.parse(at);
  const today = new Date(t).toDateString() === new Date().toDateString();
  return (
    <time dateTime={at} title={`${exact(t)} ${zone(t)}`} className="nowrap">
      {today ? clock(t) : exact(t)}
    </time>
  );
}

/** How long something took, or has been going on. fine tells parts of a second, for what is over in a few. */
export function Took({ from, to, fine }: { from: string | undefined | null; to?: string | null; fine?: boolean }) {
  const now = useNow();
  if (!from || zero(from)) return <span className="dim">–</span>;
  if (to && !zero(to)) return <span className="nowrap">{(fine ? duration : age)(Math.max(0, Date.parse(to) - Date.parse(from)))}</span>;
  // What still goes on is counted in whole seconds.
  const seconds = Math.max(0, Math.floor((Math.max(now, Math.min(Date.now(), now + 6000)) - Date.parse(from)) / 1000));
  return <span className="nowrap">{age(seconds * 1000)}</span>;
}
