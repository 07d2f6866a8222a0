import { asOperationError, errorFromResponse, isAbort } from "./errors.ts";
import { parsePageLocation, pathSegment, queryString } from "./location.ts";

/** Invoke an operation of this page's plugin on this page's item and return its result. */
export async function callOperation<Result>(
  name: string,
  params: unknown = {},
  { signal, isConfirmed = false }: { signal?: AbortSignal; isConfirmed?: boolean } = {},
): Promise<Result> {
  const { base, plugin, itemId } = parsePageLocation(window.location);
  const confirm = isConfirmed ? { confirm: true } : {};
  const url = `${base}/api/plugins/${encodeURIComponent(plugin)}/invoke/${pathSegment("operation", name)}${queryString(itemId, confirm)}`;
  return callJson<Result>(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(params),
    signal,
  });
}

/** Fetch JSON of this origin; a failure becomes an OperationError. */
export async function callJson<Result>(url: string, init: RequestInit = {}): Promise<Result> {
  try {
    const response = await fetch(url, { credentials: "same-origin", ...init });
    if (!response.ok) throw await errorFromResponse(response);
    return (await response.json()) as Result;
  } catch (thrown) {
    if (isAbort(thrown)) throw thrown;
    throw asOperationError(thrown);
  }
}
