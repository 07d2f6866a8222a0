import { OperationError } from "@mission-control/plugin-ui/client";
import { expect, test } from "vitest";
import { isRunning, settleFailed, takeLines, totalRows, type Run } from "./run.ts";

function started(): Run {
  return { queryId: "q", status: "running", mode: "read", database: "", text: "", offset: 0, startedAtMs: 0, sets: [] };
}

test("sets, rows, ends and the trailer are taken in any chunking", () => {
  const run = started();
  takeLines(run, [{ type: "set", index: 0, statement: "select 1", columns: [{ name: "a", type: "INT4" }] }, [1]]);
  takeLines(run, [[2], { type: "end", index: 0, rowCount: 2, truncated: false, truncatedCells: 0, durationMs: 3 }]);
  takeLines(run, [{ type: "set", index: 1, statement: "set x", columns: null }]);
  takeLines(run, [{ type: "done", durationMs: 9, mode: "read", database: "app" }]);
  expect(run.sets[0]?.rows).toEqual([[1], [2]]);
  expect(run.sets[0]?.end?.rowCount).toBe(2);
  expect([run.sets[1]?.columns, run.totalMs, run.database, totalRows(run)]).toEqual([null, 9, "app", 2]);
});

test("a cancelled statement is an error only when nobody asked for it", () => {
  const error = new OperationError("canceling statement due to user request", { facts: { sqlstate: "57014" } });
  const asked: Run = { ...started(), status: "cancelling" };
  settleFailed(asked, error, 5);
  expect([asked.status, asked.error, isRunning(asked)]).toEqual(["cancelled", undefined, false]);
  const timedOut = started();
  settleFailed(timedOut, error, 5);
  expect([timedOut.status, timedOut.error]).toEqual(["failed", error]);
});
