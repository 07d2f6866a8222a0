import { pathSegment, queryString, type Query } from "./location.ts";

/** `proxy`: cookies of the page's own origin. `pass-through`: the host is elsewhere, credentials are included. */
export type ClientMode = "proxy" | "pass-through";

export interface ClientOptions {
  mode: ClientMode;
  baseUrl: string;
  fetch?: typeof fetch;
  EventSource?: typeof EventSource;
}

export interface PluginInvokeInit extends Omit<RequestInit, "body"> {
  /** Use the operation's HTTP route instead of Invoke. */
  proxy?: boolean;
}

export interface PluginInstance {
  invoke(operation: string, bodyOrQuery?: unknown, init?: PluginInvokeInit): Promise<Response>;
  stream(operation: string, query?: Query): EventSource;
}

export interface PluginClient {
  mode: ClientMode;
  baseUrl: string;
  New(ref: string, configId?: string): PluginInstance;
}

function asQuery(value: unknown, method: string): Query {
  if (value === undefined) return {};
  const isPlain = typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype;
  if (!isPlain) throw new Error(`plugin-ui-sdk: ${method} takes a plain object as query`);
  const { configId, ...rest } = value as Query;
  return configId === undefined ? rest : { config_id: configId, ...rest };
}

/** Return a client for pages outside the plugin's own frame. */
export function createMissionControlPluginClient(options: ClientOptions): PluginClient {
  const baseUrl = options.baseUrl.trim().replace(/\/+$/, "");
  if (!baseUrl) throw new Error("plugin-ui-sdk: baseUrl is blank");
  const isPassThrough = options.mode === "pass-through";
  const send = options.fetch ?? globalThis.fetch.bind(globalThis);
  const Source = options.EventSource ?? globalThis.EventSource;

  function New(ref: string, configId?: string): PluginInstance {
    const root = `${baseUrl}/api/plugins/${pathSegment("plugin ref", ref)}`;
    return {
      async invoke(operation, bodyOrQuery, { proxy = false, ...init } = {}) {
        const method = (init.method ?? "POST").toUpperCase();
        const inQuery = method === "GET" || method === "HEAD";
        const query = inQuery ? asQuery(bodyOrQuery, method) : {};
        const headers = new Headers(init.headers);
        if (!inQuery && !headers.has("content-type")) headers.set("content-type", "application/json");
        const path = `${proxy ? "proxy" : "invoke"}/${pathSegment("operation", operation)}`;
        return send(`${root}/${path}${queryString(configId, query)}`, {
          credentials: isPassThrough ? "include" : "same-origin",
          ...init,
          method,
          headers,
          body: inQuery ? undefined : JSON.stringify(bodyOrQuery ?? {}),
        });
      },
      stream(operation, query) {
        const url = `${root}/proxy/${pathSegment("operation", operation)}${queryString(configId, asQuery(query, "stream"))}`;
        return new Source(url, { withCredentials: isPassThrough });
      },
    };
  }
  return { mode: options.mode, baseUrl, New };
}
