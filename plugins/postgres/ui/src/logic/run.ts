import type { GridColumn, OperationError } from "@mission-control/plugin-ui";
import type { QueryMode } from "../api.ts";

export interface Notice {
  severity?: string;
  message: string;
  detail?: string;
  hint?: string;
}

/** Counts and notices that follow a statement's rows. */
export interface SetEnd {
  rowCount: number;
  rowsAffected?: number;
  truncated: boolean;
  truncatedCells: number;
  durationMs: number;
  command?: string;
  notices?: Notice[] | null;
}

/** What one statement gave, as far as it has arrived. */
export interface ResultSet {
  index: number;
  statement: string;
  /** null: the statement returns no rows. */
  columns: GridColumn[] | null;
  /** Grows in place while rows stream in. */
  rows: unknown[][];
  end?: SetEnd;
}

export type RunStatus = "running" | "cancelling" | "done" | "failed" | "cancelled";

/** One press of Run. */
export interface Run {
  queryId: string;
  status: RunStatus;
  mode: QueryMode;
  database: string;
  /** The text that was sent, and where it starts in the editor. */
  text: string;
  offset: number;
  startedAtMs: number;
  endedAtMs?: number;
  sets: ResultSet[];
  totalMs?: number;
  error?: OperationError;
}

type SetLine = { type: "set"; index: number; statement: string; columns: GridColumn[] | null };
type EndLine = SetEnd & { type: "end"; index: number };
type DoneLine = { type: "done"; durationMs: number; mode?: QueryMode; database?: string };
export type RunLine = SetLine | EndLine | DoneLine | unknown[];

const isEnded = (status: RunStatus) => status === "done" || status === "failed" || status === "cancelled";

/** Return whether statements may still arrive. */
export function isRunning(run: Run | undefined): boolean {
  return run !== undefined && !isEnded(run.status);
}

/** Take the lines of one chunk into a run. Rows are added in place: a result of 100,000 rows is not copied for each chunk. */
export function takeLines(run: Run, lines: readonly RunLine[]): void {
  for (const line of lines) {
    if (Array.isArray(line)) {
      run.sets.at(-1)?.rows.push(line);
    } else if (line.type === "set") {
      run.sets.push({ index: line.index, statement: line.statement, columns: line.columns, rows: [] });
    } else if (line.type === "end") {
      const set = run.sets.find((one) => one.index === line.index);
      if (set) set.end = line;
    } else if (line.type === "done") {
      run.totalMs = line.durationMs;
      if (line.mode) run.mode = line.mode;
      if (line.database) run.database = line.database;
    }
  }
}

const CANCELLED_SQLSTATE = "57014";

/** Settle a run that ended with an error: one that was asked to stop is cancelled, not failed. */
export function settleFailed(run: Run, error: OperationError, nowMs: number): void {
  const wasAsked = run.status === "cancelling";
  run.status = wasAsked && error.facts.sqlstate === CANCELLED_SQLSTATE ? "cancelled" : "failed";
  if (run.status === "failed") run.error = error;
  run.endedAtMs = nowMs;
}

/** Settle a run whose stream ended. */
export function settleDone(run: Run, nowMs: number): void {
  run.status = "done";
  run.endedAtMs = nowMs;
}

/** Settle a run whose stream we left. */
export function settleAborted(run: Run, nowMs: number): void {
  run.status = "cancelled";
  run.endedAtMs = nowMs;
}

/** Return rows that were read, all statements together. */
export function totalRows(run: Run): number {
  return run.sets.reduce((sum, set) => sum + set.rows.length, 0);
}
