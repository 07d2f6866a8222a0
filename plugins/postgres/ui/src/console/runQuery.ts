import { asOperationError, callOperation, isAbort, streamNdjson } from "@mission-control/plugin-ui";
import type { QueryParams } from "../api.ts";
import { settleAborted, settleDone, settleFailed, takeLines, type Run, type RunLine } from "../logic/run.ts";

/** How long a cancelled statement may take to say so before we stop listening. */
const CANCEL_WAIT_MS = 2000;

/** What a run is about, beside its params. */
export interface RunPlace {
  /** Where the sent text starts in the editor. */
  offset: number;
  /** Name of the database, also when it is the connection's own. */
  database: string;
}

export interface RunningQuery {
  run: Run;
  cancel: () => void;
}

/** Run statements and report after each chunk; the promise of the end is not needed, `onChange` says it. */
export function startQuery(params: QueryParams, place: RunPlace, onChange: (run: Run) => void): RunningQuery {
  const abort = new AbortController();
  const run: Run = {
    queryId: params.queryId, status: "running", mode: params.mode, database: place.database, text: params.statement, offset: place.offset, startedAtMs: Date.now(), sets: [],
  };
  async function follow() {
    try {
      for await (const lines of streamNdjson<RunLine>("query-stream", params, { signal: abort.signal, isConfirmed: params.mode === "write" })) {
        takeLines(run, lines);
        onChange(run);
      }
      settleDone(run, Date.now());
    } catch (thrown) {
      if (isAbort(thrown)) settleAborted(run, Date.now());
      else settleFailed(run, asOperationError(thrown), Date.now());
    }
    onChange(run);
  }
  async function cancel() {
    if (run.status !== "running") return;
    run.status = "cancelling";
    onChange(run);
    const timer = window.setTimeout(() => abort.abort(), CANCEL_WAIT_MS);
    try {
      await callOperation("query-cancel", { queryId: run.queryId }, { isConfirmed: true });
    } catch {
      window.clearTimeout(timer);
      abort.abort(); // leaving the stream cancels on the server too
    }
  }
  void follow();
  return { run, cancel: () => void cancel() };
}
