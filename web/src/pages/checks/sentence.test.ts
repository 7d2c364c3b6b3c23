import { expect, test } from "vitest";
import { stateSentence } from "./sentence";

test("the state says how it came about", () => {
  expect(stateSentence({ status: "pending", hard: false, attempt: 0 }, 2)).toBe("It has not run yet.");
  expect(stateSentence({ status: "critical", hard: false, attempt: 2 }, 2)).toContain("after 3 in a row; this is attempt 2");
  expect(stateSentence({ status: "critical", hard: true, attempt: 3 }, 2)).toContain("3 results in a row were not ok");
  expect(stateSentence({ status: "ok", hard: true, attempt: 1, flapping: true }, 0)).toContain("flapping");
  expect(stateSentence({ status: "unreachable", hard: true, attempt: 1 }, 0)).toContain("depends on fails");
});
