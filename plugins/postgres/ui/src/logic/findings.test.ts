import { expect, test } from "vitest";
import { checkName, headline, severityLook, unmade } from "./findings.ts";

test("the heading counts what needs attention, not what is worth knowing", () => {
  expect(headline({ critical: 1, warning: 2, info: 5 })).toBe("3 things need attention");
  expect(headline({ critical: 1, warning: 0, info: 0 })).toBe("1 thing needs attention");
  expect(headline({ critical: 0, warning: 0, info: 1 })).toBe("Nothing needs attention now");
  expect(headline({ critical: 0, warning: 0, info: 0 })).toBe("Nothing needs attention");
});

test("a severity has a shape of its own", () => {
  expect(new Set((["critical", "warning", "info"] as const).map((one) => severityLook(one).shape)).size).toBe(3);
});

test("a check that could not be made is not passed", () => {
  expect(unmade([{ kind: "bloat", state: "ok" }, { kind: "wraparound", state: "unavailable", reason: "x" }])).toHaveLength(1);
  expect(checkName("idle_in_transaction")).toBe("idle in transaction");
});
