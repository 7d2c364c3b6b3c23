import { expect, test } from "vitest";
import { crontabLine } from "./heartbeat";

test("the crontab line tells the beginning and the exit code of the job", () => {
  const line = crontabLine("http://h/api/v1/heartbeats/mhb_x", "*/5 * * * *");
  expect(line.startsWith("*/5 * * * * curl ")).toBe(true);
  expect(line).toContain("mhb_x/start; /path/to/job; curl");
  expect(line.endsWith("mhb_x/$?")).toBe(true);
});
