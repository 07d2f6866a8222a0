import { asOperationError, errorFromBody, errorFromResponse, isAbort, OperationError } from "./errors.ts";
import { invoke } from "./frame.ts";

/** Split arriving text into whole lines; the rest waits for the next chunk. */
export class LineSplitter {
  private rest = "";

  push(chunk: string): string[] {
    const lines = (this.rest + chunk).split("\n");
    this.rest = lines.pop() ?? "";
    return lines.filter((line) => line.trim() !== "");
  }

  /** Return a last line that had no newline. */
  end(): string[] {
    const last = this.rest;
    this.rest = "";
    return last.trim() ? [last] : [];
  }
}

function parseLine(line: string): unknown {
  const value: unknown = JSON.parse(line);
  const isFailure = typeof value === "object" && value !== null && !Array.isArray(value) && "error" in value && !("type" in value);
  if (isFailure) throw errorFromBody(value, 200, "the stream failed");
  return value;
}

/** Yield the lines of a response in batches, one batch per chunk that arrives. Throws OperationError for a refusal
 * and for a failure inside the stream; an abort stays an AbortError. */
export async function* readNdjson<Line = unknown>(response: Response): AsyncGenerator<Line[], void, void> {
  if (!response.ok) throw await errorFromResponse(response);
  if (!response.body) throw new OperationError("the answer has no body", { status: response.status });
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  const splitter = new LineSplitter();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      const lines = done ? splitter.end() : splitter.push(value);
      const batch: Line[] = [];
      let failure: unknown;
      for (const line of lines) {
        try {
          batch.push(parseLine(line) as Line);
        } catch (thrown) {
          failure = thrown;
          break;
        }
      }
      if (batch.length) yield batch;
      if (failure) throw failure;
      if (done) return;
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

/** Yield the lines of a streaming operation of this page's plugin; `isConfirmed` says that somebody has confirmed what
 * it changes. Throws OperationError for a failure before or inside the stream; an abort stays an AbortError. */
export async function* streamNdjson<Line = unknown>(
  operation: string,
  params: unknown,
  { signal, isConfirmed = false }: { signal?: AbortSignal; isConfirmed?: boolean } = {},
): AsyncGenerator<Line[], void, void> {
  try {
    const query = isConfirmed ? { confirm: true } : {};
    yield* readNdjson<Line>(await invoke(operation, params ?? {}, { headers: { accept: "application/x-ndjson" }, query, signal }));
  } catch (thrown) {
    if (isAbort(thrown)) throw thrown;
    throw asOperationError(thrown);
  }
}
