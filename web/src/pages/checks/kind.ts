import type { Check } from "@/api/types";

type Spec = Check["spec"];

/** What each kind does with its part of the definition, in words. The order is that of the documentation. */
const words = {
  icmp: (s) => `pings ${s.address}`,
  tcp: (s) => `connects to ${s.address}${s.tls ? " with TLS" : ""}${s.expect ? " and waits for an answer" : ""}`,
  http: (s) => `${s.method ?? "GET"} ${s.url}`,
  journey: (s) => `${plural(s.steps?.length ?? 0, "request")}: ${names(s.steps)}`,
  browser: (s) => `visits a site in ${plural(s.steps?.length ?? 0, "step")}: ${names(s.steps)}`,
  dns: (s) => `asks ${s.server || "the system's name server"} for ${s.name} ${s.type || "A"}${s.dnssec ? ", proven by DNSSEC" : ""}`,
  tls: (s) => `judges the certificate and TLS of ${s.address}${s.startTLS ? ` (${s.startTLS})` : ""}`,
  websocket: (s) => `connects to ${s.url}`,
  grpc: (s) => `asks ${s.address} how ${s.service || "it"} is`,
  smtp: (s) => `reads the greeting of the mail server ${s.address}`,
  imap: (s) => `reads the greeting of the mailbox server ${s.address}`,
  pop3: (s) => `reads the greeting of the mailbox server ${s.address}`,
  ftp: (s) => `reads the greeting of the file server ${s.address}`,
  ssh: (s) => `reads the version and the host key of ${s.address}`,
  ldap: (s) => `binds to ${s.url}${s.base ? ` and searches ${s.base}` : ""}`,
  ntp: (s) => `compares this clock with ${s.server}`,
  snmp: (s) => `reads ${plural(s.values?.length ?? 0, "value")} of ${s.address} by SNMP`,
  sql: (s) => `asks the database ${s.database || ""} at ${s.address}`.replace("  ", " "),
  process: (s) => `counts the processes ${s.name || s.command || ""}`,
  service: (s) => `asks for the service ${s.name}`,
  command: (s) => `runs ${s.path}`,
  heartbeat: (s) => `waits for a sign of life ${s.cron ? `by ${s.cron}` : `every ${s.every}`}`,
  passive: () => "takes the results that others push",
} satisfies { [K in keyof Spec]?: (part: NonNullable<Spec[K]>) => string };

type Kind = keyof typeof words;

export const kinds = Object.keys(words) as Kind[];

const plural = (n: number, what: string) => `${n} ${what}${n === 1 ? "" : "s"}`;
const names = (steps: { name: string }[] | null | undefined) => (steps ?? []).map((s) => s.name).join(", ");

/** What a check measures: the part of its definition that is there. */
export const kindOf = (spec: Spec) => kinds.find((k) => spec[k] !== undefined) ?? "check";

/** What a check does, in a few words. */
export function doing(spec: Spec): string | undefined {
  const kind = kinds.find((k) => spec[k] !== undefined);
  return kind && (words[kind] as (part: unknown) => string)(spec[kind]);
}

const order = ["critical", "unknown", "warning", "unreachable", "pending", "ok"];

/** Sorts what is in a worse state first. */
export const byWorst = (a: { status: string }, b: { status: string }) => order.indexOf(a.status) - order.indexOf(b.status);

/** The state that stands for a check on several items: the worst. */
export function worstStatus(statuses: string[]): string {
  return order.find((s) => statuses.includes(s)) ?? "pending";
}
