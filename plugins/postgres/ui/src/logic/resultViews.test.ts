import { OperationError } from "@mission-control/plugin-ui/client";
import { expect, test } from "vitest";
import { defaultView, resultViews } from "./resultViews.ts";
import type { ResultSet, Run } from "./run.ts";

const END = { rowCount: 0, truncated: false, truncatedCells: 0, durationMs: 1 };
const set = (index: number, rest: Partial<ResultSet>): ResultSet => ({ index, statement: `select ${index}`, columns: [{ name: "a" }], rows: [], ...rest });
const run = (sets: ResultSet[], error?: OperationError): Run => ({
  queryId: "q", status: error ? "failed" : "done", mode: "read", database: "", text: "", offset: 0, startedAtMs: 0, sets, error,
});

test("one tab per statement, notices last, opened on the last rows", () => {
  const made = run([set(0, { rows: [[1]], end: END }), set(1, { columns: null, end: { ...END, rowsAffected: 3, notices: [{ message: "n" }] } })]);
  const views = resultViews(made);
  expect(views.map((view) => `${view.label} ${view.count}`)).toEqual(["1  select 0 1", "2  select 1 3", "Notices 1"]);
  expect(defaultView(made, views)?.key).toBe("set 0");
});

test("a failed statement is its error, what came before stays", () => {
  const failed = run([set(0, { rows: [[1]], end: END }), set(1, {})], new OperationError("x"));
  const views = resultViews(failed);
  expect(views.map((view) => view.key)).toEqual(["set 0", "error"]);
  expect(defaultView(failed, views)?.key).toBe("error");
});
