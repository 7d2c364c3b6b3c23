import type { SituationDetail } from "@/api/types";
import type { Line } from "@/components/Timeline";
import { wording } from "@/ui/severity";

type Note = SituationDetail["history"][number];
type About = Pick<SituationDetail, "id" | "candidates" | "members" | "history">;

/** Names of what the notes of a situation speak of: "item/ID", "alert/ID" or a bare id. */
export function namesOf(s: About): Map<string, string> {
  const names = new Map<string, string>();
  const add = (kind: string, id: string | undefined, name: string | undefined) => {
    if (!id || !name) return;
    names.set(`${kind}/${id}`, name).set(id, name);
  };
  for (const c of s.candidates) add("item", c.item, c.name);
  for (const { alert: a } of s.members) {
    add("item", a.item, a.itemName);
    add("alert", a.id, `“${a.title}”`);
  }
  return names;
}

/** What happened, as one sentence before the reason the server gives. */
export function sentence(n: Note, own: string, name: (ref: string | undefined) => string | undefined): string {
  const to = name(n.to), from = name(n.from);
  switch (n.kind) {
    case "confirmed": return n.to ? `Root cause confirmed${to ? `: ${to}` : ""}.` : "The root cause is open again.";
    case "moved": return from && to ? `Root cause moved from ${from} to ${to}.` : to ? `Root cause is ${to}.` : "";
    case "measured": return "";
    case "joined": return `${to ?? "An alert"} came from another situation.`;
    case "left": return `${from ?? "An alert"} went to another situation.`;
    case "merged": return n.from === own ? "It became part of another situation." : "Another situation became part of it.";
    default: return "";
  }
}

/** The situation that a note leads to, when it is another one. */
const other = (n: Note, own: string): string | undefined => {
  if (n.kind === "joined") return n.from;
  if (n.kind === "left") return n.to;
  if (n.kind === "merged") return n.from === own ? n.to : n.from;
  return undefined;
};

/** The history as lines of a timeline, the newest first. */
export function historyLines(s: About): Line[] {
  const names = namesOf(s);
  return s.history.map((n, i): Line => {
    const said = sentence(n, s.id, (ref) => (ref ? names.get(ref) : undefined));
    const elsewhere = other(n, s.id);
    return {
      id: `${n.at}${i}`, at: n.at, type: n.kind, summary: [said, n.why].filter(Boolean).join(" ") || wording(n.kind),
      subject: elsewhere ? { kind: "situation", id: elsewhere } : undefined,
    };
  }).reverse();
}

/** What can be named as the root cause: the candidates in their order, then the other items, then alerts without an item. */
export function rootChoices(s: Pick<SituationDetail, "candidates" | "members">): { value: string; label: string; detail?: string }[] {
  const out = new Map<string, { value: string; label: string; detail?: string }>();
  const add = (value: string, label: string, detail?: string) => { if (!out.has(value)) out.set(value, { value, label, detail }); };
  const titles = new Map(s.members.map(({ alert: a }) => [a.id, a.title]));
  for (const c of s.candidates) add(c.item ? `item/${c.item}` : `alert/${c.alert}`, c.name, c.item ? titles.get(c.alert) : undefined);
  for (const { alert: a } of s.members) {
    if (a.item) add(`item/${a.item}`, a.itemName || a.item, a.title);
    else add(`alert/${a.id}`, a.title);
  }
  return [...out.values()];
}

/** The kinds of evidence, as a person calls them. */
export const signWords: Readonly<Record<string, string>> = {
  signal: "Figure", own: "Its own", inherited: "Inherited", path: "Path", resource: "Resource", traffic: "Traffic",
  silence: "Silence", address: "Address", change: "Change", confirmed: "Known cause",
};
