import { asOperationError, isAbort, OperationError } from "@mission-control/plugin-ui/errors";
import { readNdjson } from "@mission-control/plugin-ui/ndjson";
import type { StreamStatus, WireEvent, WireRow } from "../protocol.ts";

const FIRST_RETRY_MS = 500;
const LONGEST_RETRY_MS = 15_000;
/** The server says something every 15 s. */
const SILENCE_MS = 40_000;
const FINAL = new Set(["complete", "until", "head", "forbidden", "deleted"]);

export interface StreamHandlers {
  lines: (lines: (WireRow | WireEvent)[]) => void;
  status: (status: StreamStatus) => void;
  /** A connection starts, with a cursor or from the beginning. */
  connecting: (isResumed: boolean) => void;
}

const QUIET: Omit<StreamStatus, "state"> = { reason: "", hint: "", command: "", retryAtMs: 0, status: 0 };

/** One stream that is kept up: reconnects with its cursor until the server says that it is over. */
export class LogStream {
  private cursor = "";
  private failures = 0;
  private abort: AbortController | null = null;
  private retry = 0;
  private silence = 0;
  private url = "";
  private params: Record<string, unknown> = {};
  private isOver = false;
  private readonly on: StreamHandlers;

  constructor(on: StreamHandlers) {
    this.on = on;
  }

  /** Open from the beginning, in the place of whatever was open. */
  open(url: string, params: Record<string, unknown>): void {
    this.stop();
    this.url = url;
    this.params = params;
    this.cursor = "";
    this.failures = 0;
    this.isOver = false;
    void this.connect();
  }

  /** Close, to go on later where it was. */
  suspend(): void {
    if (this.isOver || !this.url) return;
    this.stop();
    this.say({ state: "suspended", reason: "the tab was hidden" });
  }

  /** Go on now, also when a retry is due later. */
  resume(): void {
    if (this.isOver || !this.url || this.abort) return;
    this.stop();
    void this.connect();
  }

  private stop(): void {
    clearTimeout(this.retry);
    clearTimeout(this.silence);
    this.abort?.abort();
    this.abort = null;
  }

  private say(status: Partial<StreamStatus> & Pick<StreamStatus, "state">): void {
    this.on.status({ ...QUIET, ...status });
  }

  private async connect(): Promise<void> {
    const abort = new AbortController();
    this.abort = abort;
    this.say({ state: this.failures || this.cursor ? "reconnecting" : "connecting" });
    try {
      const body = JSON.stringify(this.cursor ? { ...this.params, cursor: this.cursor } : this.params);
      const headers = { "content-type": "application/json", accept: "application/x-ndjson" };
      this.watch(abort);
      const response = await fetch(this.url, { method: "POST", body, headers, credentials: "same-origin", signal: abort.signal });
      this.on.connecting(this.cursor !== "");
      for await (const lines of readNdjson<WireRow | WireEvent>(response)) {
        if (this.abort !== abort) return;
        this.watch(abort);
        this.take(lines);
        if (this.isOver) return;
      }
      this.reconnect("the connection ended");
    } catch (thrown) {
      if (this.abort === abort) this.failed(thrown);
    } finally {
      if (this.isOver) this.stop();
    }
  }

  private watch(abort: AbortController): void {
    clearTimeout(this.silence);
    this.silence = setTimeout(() => {
      abort.abort();
      if (this.abort === abort) this.reconnect("nothing was heard for 40 s");
    }, SILENCE_MS) as unknown as number;
  }

  private take(lines: (WireRow | WireEvent)[]): void {
    for (const line of lines) {
      if (Array.isArray(line)) continue;
      if (line.type === "meta") this.live();
      if (line.type === "cursor" || line.type === "end") this.cursor = String(line.cursor ?? this.cursor);
      if (line.type === "state") this.follow(line);
      if (line.type === "end") this.ended(line);
    }
    this.on.lines(lines);
  }

  private live(): void {
    this.failures = 0;
    this.say({ state: "live" });
  }

  private follow(line: WireEvent): void {
    if (line.source !== undefined && line.source !== null) return; // one of many sources: its own state says it
    if (line.state === "live" || line.state === "lagging" || line.state === "reconnecting") this.say({ state: line.state, reason: String(line.reason ?? "") });
  }

  private ended(line: WireEvent): void {
    const reason = String(line.reason ?? "");
    if (!FINAL.has(reason)) return this.reconnect(reason);
    this.isOver = true;
    const words: Record<string, string> = { complete: "all lines are here", until: "the asked time is over", head: "the asked number of lines is here", deleted: "the item is gone", forbidden: "not allowed any more" };
    this.say({ state: reason === "forbidden" ? "failed" : "ended", reason: String(line.text ?? "") || (words[reason] ?? reason), status: reason === "forbidden" ? 403 : 0 });
  }

  private failed(thrown: unknown): void {
    const error = thrown instanceof OperationError ? thrown : isAbort(thrown) ? asOperationError(new TypeError()) : asOperationError(thrown);
    if (error.status === 400 && error.facts.field === "cursor") {
      this.cursor = "";
      return this.reconnect("the place in the stream was not known any more");
    }
    const isRefused = error.status >= 400 && error.status < 500 && error.status !== 429 && error.status !== 408;
    if (!isRefused) return this.reconnect(error.message);
    this.isOver = true;
    const command = error.facts.grant ?? error.facts.command;
    this.say({ state: "failed", reason: error.message, hint: error.hint ?? "", command: typeof command === "string" ? command : "", status: error.status });
  }

  private reconnect(reason: string): void {
    this.stop();
    const waitMs = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** this.failures) * (0.8 + Math.random() * 0.4);
    this.failures += 1;
    this.say({ state: "reconnecting", reason, retryAtMs: Date.now() + waitMs });
    this.retry = setTimeout(() => void this.connect(), waitMs) as unknown as number;
  }
}
