import { asOperationError, errorFromResponse, isAbort, readNdjson, type OperationError } from "@mission-control/plugin-ui";
import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { operationUrl, withQuery, type OfferedOperation } from "./logic/operations.ts";
import { LineTail } from "./logic/streamLine.ts";

/** What an operation answered, as it came. */
export interface Answer {
  text: string;
  mime: string;
  bytes: number;
}

export interface Run {
  state: "idle" | "running" | "done" | "failed" | "stopped";
  startedAtMs: number;
  durationMs: number;
  answer: Answer | null;
  /** The lines of a stream; grows in place while `state` is running. */
  tail: LineTail | null;
  error: OperationError | null;
}

export interface RunControl {
  run: Run;
  start: (params: Record<string, unknown>, isConfirmed: boolean) => void;
  stop: () => void;
}

const IDLE: Run = { state: "idle", startedAtMs: 0, durationMs: 0, answer: null, tail: null, error: null };
const KEPT_LINES = 10_000;

async function ask(offered: OfferedOperation, url: string, params: Record<string, unknown>, signal: AbortSignal): Promise<Response> {
  const isPosted = !offered.isStream || offered.operation.http?.some(({ method }) => method === "POST");
  const accept = offered.isStream ? "application/x-ndjson" : "application/clicky+json, application/json, */*;q=0.5";
  if (!isPosted) return fetch(withQuery(url, params), { credentials: "same-origin", headers: { accept }, signal });
  return fetch(url, { method: "POST", credentials: "same-origin", headers: { accept, "content-type": "application/json" }, body: JSON.stringify(params), signal });
}

async function readAnswer(response: Response): Promise<Answer> {
  if (!response.ok) throw await errorFromResponse(response);
  const body = await response.blob();
  return { text: await body.text(), mime: (response.headers.get("content-type") ?? "").split(";")[0]?.trim() ?? "", bytes: body.size };
}

/** Run an operation once at a time: asked, followed line by line if it streams, stopped by the user or by leaving. */
export function useRun(offered: OfferedOperation, itemId: string | null): RunControl {
  const [run, setRun] = useState<Run>(IDLE);
  const abort = useRef<AbortController | null>(null);
  useEffect(() => () => abort.current?.abort(), []);

  async function start(params: Record<string, unknown>, isConfirmed: boolean): Promise<void> {
    abort.current?.abort();
    const own = new AbortController();
    abort.current = own;
    const tail = offered.isStream ? new LineTail(KEPT_LINES) : null;
    const startedAt = performance.now();
    const begun: Run = { ...IDLE, state: "running", startedAtMs: Date.now(), tail };
    const show = (change: Partial<Run>) => abort.current === own && setRun({ ...begun, durationMs: performance.now() - startedAt, ...change });
    setRun(begun);
    try {
      const response = await ask(offered, operationUrl(offered, itemId, isConfirmed), params, own.signal);
      if (!tail) return void show({ state: "done", answer: await readAnswer(response) });
      for await (const batch of readNdjson(response)) {
        tail.push(batch);
        show({});
      }
      show({ state: "done" });
    } catch (thrown) {
      show(isAbort(thrown) ? { state: "stopped" } : { state: "failed", error: asOperationError(thrown) });
    }
  }
  const stop = useCallback(() => abort.current?.abort(), []);
  return { run, start: (params, isConfirmed) => void start(params, isConfirmed), stop };
}
