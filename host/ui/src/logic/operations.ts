import type { Plugin, PluginOperation } from "../api.ts";

/** An operation as the shell offers it. */
export interface OfferedOperation {
  plugin: string;
  operation: PluginOperation;
  /** It needs no item. */
  isGlobal: boolean;
  isStream: boolean;
}

function offer(plugin: string, operation: PluginOperation): OfferedOperation {
  const isFollowable = operation.http?.some(({ method }) => ["GET", "POST"].includes(method)) ?? false;
  return { plugin, operation, isGlobal: operation.scope === "global", isStream: operation.params_schema?.["x-stream"] === true && isFollowable };
}

/** Return the operations of plugins, in their order. */
export function listOperations(plugins: readonly Plugin[]): OfferedOperation[] {
  return plugins.flatMap((plugin) => (plugin.operations ?? []).map((operation) => offer(plugin.name, operation)));
}

export function findOperation(plugins: readonly Plugin[], plugin: string, operation: string): OfferedOperation | undefined {
  return listOperations(plugins).find((one) => one.plugin === plugin && one.operation.name === operation);
}

/** Return where an operation is called: its stream is followed over the plugin's own route, a result is asked of the host. */
export function operationUrl({ plugin, operation, isStream }: OfferedOperation, itemId: string | null, isConfirmed: boolean): string {
  const query = new URLSearchParams();
  if (itemId) query.set("config_id", itemId);
  if (isConfirmed) query.set("confirm", "true");
  const route = isStream ? "proxy" : "invoke";
  const text = query.toString();
  return `/api/plugins/${encodeURIComponent(plugin)}/${route}/${encodeURIComponent(operation.name)}${text ? `?${text}` : ""}`;
}

/** Return a URL with params in its query, for a stream that is only offered to GET: lists repeat, objects are JSON. */
export function withQuery(url: string, params: Record<string, unknown>): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(params)) {
    for (const one of Array.isArray(value) ? value : [value]) {
      if (one !== null && one !== undefined) query.append(name, typeof one === "object" ? JSON.stringify(one) : String(one));
    }
  }
  const text = query.toString();
  return text ? `${url}${url.includes("?") ? "&" : "?"}${text}` : url;
}
