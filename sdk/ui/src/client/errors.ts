/** A failed operation: the host's or plugin's own words, and what they carry for the page. */
export class OperationError extends Error {
  override readonly name = "OperationError";
  readonly code: string;
  readonly hint: string | undefined;
  readonly facts: Record<string, unknown>;
  /** HTTP status; 0 when no answer came. */
  readonly status: number;

  constructor(message: string, init: { code?: string; hint?: string; facts?: Record<string, unknown>; status?: number } = {}) {
    super(message);
    this.code = init.code ?? "unknown";
    this.hint = init.hint;
    this.facts = init.facts ?? {};
    this.status = init.status ?? 0;
  }

  /** Return whether the caller lacks a right, as opposed to something being broken. */
  get isDenied(): boolean {
    return this.code === "forbidden" || this.status === 403;
  }

  get isSignedOut(): boolean {
    return this.status === 401;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function firstText(...candidates: unknown[]): string | undefined {
  return candidates.find((value): value is string => typeof value === "string" && value.trim() !== "");
}

/** Return the error in a failure's JSON body, whichever of the known shapes it has. */
export function errorFromBody(body: unknown, status: number, fallback: string): OperationError {
  if (!isRecord(body)) return new OperationError(fallback, { status });
  return new OperationError(firstText(body.error, body.message, body.msg) ?? fallback, {
    code: firstText(body.code, body.error_code),
    hint: firstText(body.hint),
    facts: isRecord(body.facts) ? body.facts : {},
    status,
  });
}

/** Read a non-2xx response into an error. */
export async function errorFromResponse(response: Response): Promise<OperationError> {
  const text = await response.text().catch(() => "");
  const fallback = text.trim().slice(0, 500) || `${response.status} ${response.statusText}`.trim();
  try {
    return errorFromBody(JSON.parse(text), response.status, fallback);
  } catch {
    return new OperationError(fallback, { status: response.status });
  }
}

/** Return any thrown value as an OperationError; an abort stays itself. */
export function asOperationError(thrown: unknown): OperationError {
  if (thrown instanceof OperationError) return thrown;
  if (thrown instanceof TypeError) {
    return new OperationError("the host does not answer", {
      code: "unreachable",
      hint: "check that mission-control serve is still running",
    });
  }
  return new OperationError(thrown instanceof Error ? thrown.message : String(thrown));
}

export function isAbort(thrown: unknown): boolean {
  return thrown instanceof DOMException && thrown.name === "AbortError";
}
