import { expect, test } from "vitest";
import type { LogSource, LogSourceStatus } from "@/api/types";
import { followedOf, whatOf } from "./followed";

const status = (name: string, more: Partial<LogSourceStatus> = {}): LogSourceStatus => ({ name, files: 1, records: 1, bytes: 1, cut: 0, refused: 0, rate: 0, behind: 0, ...more });
const source = (name: string, spec: LogSource["spec"], said: Partial<LogSource["agents"][number]>): LogSource => ({ name, spec, agents: [{ agent: "a", name: "web1", ...said }] });

test("what is followed, in a line", () => {
  expect(whatOf({ files: { paths: ["/var/log/a.log", "/srv/*.log"] } })).toBe("/var/log/a.log, /srv/*.log");
  expect(whatOf({ journal: {} })).toBe("the journal");
  expect(whatOf({ journal: { units: ["ssh.service"], priority: "err" } })).toBe("the journal of ssh.service at err or worse");
});

test("what is declared and what the agent says are one list", () => {
  const declared = [
    source("well", { journal: {} }, { status: status("well") }),
    source("denied", { files: { paths: ["/x"] } }, { status: status("denied", { error: "/x: not allowed by policy" }) }),
    source("refused", { files: { paths: ["/y"] } }, { error: "the agent is too old to follow logs" }),
    source("new", { files: { paths: ["/z"] } }, {}),
    source("nofile", { files: { paths: ["/none/*.log"] } }, { status: status("nofile", { files: 0 }) }),
  ];
  const agent = { connected: true, logs: { sources: [status("well"), status("gone")] } };
  expect(followedOf(agent, declared).map((f) => [f.name, f.state, f.error])).toEqual([
    ["denied", "failing", "/x: not allowed by policy"], ["gone", "not declared", undefined], ["new", "waiting", undefined], ["nofile", "waiting", undefined],
    ["refused", "failing", "the agent is too old to follow logs"], ["well", "active", undefined],
  ]);
  expect(followedOf({ connected: false, logs: {} }, declared).map((f) => f.state)).toEqual(["lost", "lost", "lost", "lost", "lost"]);
});
