import { parentOrigin } from "./origin.ts";
import { parsePageLocation, pathSegment, queryString, type Query } from "./location.ts";

export interface InvokeInit extends Omit<RequestInit, "body"> {
  query?: Query;
}

function isBodyType(body: unknown): body is BodyInit {
  return (
    typeof body === "string" || body instanceof Blob || body instanceof FormData || body instanceof URLSearchParams ||
    body instanceof ArrayBuffer || ArrayBuffer.isView(body) || body instanceof ReadableStream
  );
}

function operationUrl(operation: string, query?: Query): string {
  const { base, plugin, itemId } = parsePageLocation(window.location);
  return `${base}/api/plugins/${encodeURIComponent(plugin)}/proxy/${pathSegment("operation", operation)}${queryString(itemId, query)}`;
}

/** Call an operation's HTTP route from inside a plugin's page and return the raw response. */
export async function invoke(operation: string, body?: unknown, { query, ...init }: InvokeInit = {}): Promise<Response> {
  const method = (init.method ?? (body === undefined ? "GET" : "POST")).toUpperCase();
  if (body !== undefined && (method === "GET" || method === "HEAD")) {
    throw new Error(`plugin-ui-sdk: ${method} takes no body`);
  }
  const headers = new Headers(init.headers);
  let payload: BodyInit | undefined;
  if (body !== undefined) {
    payload = isBodyType(body) ? body : JSON.stringify(body);
    if (!isBodyType(body) && !headers.has("content-type")) headers.set("content-type", "application/json");
  }
  return fetch(operationUrl(operation, query), { credentials: "same-origin", ...init, method, headers, body: payload });
}

/** Open the operation's HTTP route as server-sent events. */
export function stream(operation: string, query?: Query, init?: EventSourceInit): EventSource {
  return new EventSource(operationUrl(operation, query), init);
}

/** Tell the host that the tab has drawn itself: ends the loading state. */
export function ready(): void {
  if (window.parent !== window) window.parent.postMessage({ type: "mc.tab.ready", v: 1 }, parentOrigin());
}
