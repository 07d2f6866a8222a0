import { expect, test } from "vitest";
import type { Run } from "./run.ts";
import { statusParts } from "./statusParts.ts";

const run: Run = { queryId: "q", status: "done", mode: "read", database: "app", text: "", offset: 0, startedAtMs: 0, sets: [] };
const end = { rowCount: 2, truncated: false, truncatedCells: 0, durationMs: 8 };
const words = (made: Run, set?: Run["sets"][number]) => statusParts(made, set).map((part) => part.text).join(" · ");

test("rows, time, mode and database", () => {
  const set = { index: 0, statement: "s", columns: [{ name: "a" }], rows: [[1], [2]], end };
  expect(words({ ...run, sets: [set] }, set)).toBe("2 rows · 8 ms · read-only · app");
});

test("what was cut is said plainly, and writing stands out", () => {
  const set = { index: 0, statement: "s", columns: [{ name: "a" }], rows: [[1]], end: { ...end, truncated: true, truncatedCells: 1 } };
  expect(words({ ...run, mode: "write" }, set)).toBe("1 row · stopped at the limit of 1 rows, there are more · 1 long value cut · 8 ms · write · app");
});

test("a statement without rows tells what it changed", () => {
  const set = { index: 0, statement: "s", columns: null, rows: [], end: { ...end, rowsAffected: 3 } };
  expect(words({ ...run, status: "cancelled" }, set)).toBe("3 rows affected · 8 ms · cancelled · read-only · app");
});
