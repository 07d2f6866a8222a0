/** Where a plugin's page is: its plugin, its item, and the path that operations live below. */
export interface PageLocation {
  plugin: string;
  itemId: string;
  /** Path prefix before `/api/plugins`, empty at the root. */
  base: string;
}

const PAGE_PATH = /^(.*)\/api\/plugins\/([^/]+)\/ui(?:\/|$)/;

/** Return plugin and item named by a page's address. Throws when either is missing. */
export function parsePageLocation(address: { pathname: string; search: string }): PageLocation {
  const match = PAGE_PATH.exec(address.pathname);
  if (!match) throw new Error(`plugin-ui-sdk: ${address.pathname} is not below /api/plugins/<plugin>/ui`);
  const itemId = new URLSearchParams(address.search).get("config_id");
  if (!itemId) throw new Error("plugin-ui-sdk: config_id is missing in the page's address");
  return { base: match[1] ?? "", plugin: decodeURIComponent(match[2] ?? ""), itemId };
}

/** A query value: arrays repeat, null and undefined are skipped. */
export type QueryValue = string | number | boolean | null | undefined | readonly (string | number | boolean)[];
export type Query = Record<string, QueryValue>;

/** Return a path segment. Throws when it is blank or would be more than one segment. */
export function pathSegment(what: string, value: string): string {
  if (!value.trim()) throw new Error(`plugin-ui-sdk: ${what} is blank`);
  if (value.includes("/")) throw new Error(`plugin-ui-sdk: ${what} must be one path segment, got ${JSON.stringify(value)}`);
  return encodeURIComponent(value);
}

/** Return a query string; `config_id` always names the given item. */
export function queryString(itemId: string | undefined, query: Query = {}): string {
  const search = new URLSearchParams();
  if (itemId) search.set("config_id", itemId);
  for (const [key, value] of Object.entries(query)) {
    if (key === "config_id" && itemId) continue;
    for (const one of Array.isArray(value) ? value : [value]) {
      if (one !== null && one !== undefined) search.append(key, String(one));
    }
  }
  const text = search.toString();
  return text ? `?${text}` : "";
}
