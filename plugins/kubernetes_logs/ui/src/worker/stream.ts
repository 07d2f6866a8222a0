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
  /** A connection starts, without these sources. */
  connecting: (excluded: readonly string[]) => void;
  /** Has a line of the source with this key come yet? */
  hasRows: (key: string) => boolean;
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
  private isRefused = false;
  private isSuspended = false;
  private excluded: readonly string[] = [];
  /** Sources that were left out and of which no line has come: the cursor says nothing of them. */
  private unread: readonly string[] = [];
  private readonly on: StreamHandlers;

  constructor(on: StreamHandlers) {
    this.on = on;
  }

  /** Open from the beginning, in the place of whatever was open. */
  open(url: string, params: Record<string, unknown>, excluded: readonly string[]): void {
    this.stop();
    this.excluded = excluded;
    this.unread = [];
    this.isRefused = false;
    this.isSuspended = false;
    this.url = url;
    this.params = params;
    this.cursor = "";
    this.failures = 0;
    this.isOver = false;
    void this.connect();
  }

  /** Read other sources from here on: what is left out keeps its place, what has not been read yet begins with its history. */
  narrow(excluded: readonly string[]): void {
    if (excluded.length === this.excluded.length && excluded.every((key) => this.excluded.includes(key))) return;
    const back = this.excluded.filter((key) => !excluded.includes(key));
    this.excluded = excluded;
    this.unread = [...new Set([...this.unread, ...back])].filter((key) => !excluded.includes(key) && !this.on.hasRows(key));
    if (!this.url || this.isRefused || this.isSuspended || (this.isOver && !back.length)) return;
    this.isOver = false;
    this.stop();
    void this.connect();
  }

  /** Close, to go on later where it was. */
  suspend(): void {
    if (this.isOver || !this.url) return;
    this.isSuspended = true;
    this.stop();
    this.say({ state: "suspended", reason: "the tab was hidden" });
  }

  /** Go on now, also when a retry is due later. */
  resume(): void {
    if (this.isOver || !this.url || this.abort) return;
    this.isSuspended = false;
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
      const excluded = this.excluded;
      const body = JSON.stringify(this.request());
      const headers = { "content-type": "application/json", accept: "application/x-ndjson" };
      this.watch(abort);
      const response = await fetch(this.url, { method: "POST", body, headers, credentials: "same-origin", signal: abort.signal });
      this.on.connecting(excluded);
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

  private request(): Record<string, unknown> {
    const params: Record<string, unknown> = { ...this.params };
    if (this.excluded.length) params.excludeSource = this.excluded;
    if (this.cursor) params.cursor = this.cursor;
    if (this.cursor && this.unread.length) params.backlogSource = this.unread;
    return params;
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
      if (line.type === "cursor" || line.type === "end") this.reached(String(line.cursor ?? this.cursor));
      if (line.type === "state") this.follow(line);
      if (line.type === "end") this.ended(line);
    }
    this.on.lines(lines);
  }

  private reached(cursor: string): void {
    this.cursor = cursor;
    if (this.unread.length) this.unread = this.unread.filter((key) => !this.on.hasRows(key));
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
    this.isRefused = reason === "forbidden" || reason === "deleted";
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
    this.isRefused = true;
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
