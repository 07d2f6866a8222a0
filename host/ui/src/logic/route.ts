/** What narrows the catalog list; part of every address. */
export interface Filters {
  search?: string;
  type?: string;
  namespace?: string;
  health?: string;
}

export const FILTER_NAMES = ["search", "type", "namespace", "health"] as const;

/** Where the shell is. */
export type Place =
  | { page: "home" }
  | { page: "plugins" }
  | { page: "item"; itemId: string; tab: TabPlace | null };

/** A tab of an item: the host's own, or one of a plugin with the part of the address that it owns. */
export type TabPlace = { kind: "item" } | { kind: "plugin"; plugin: string; tab: string; view: string };

export interface Route {
  place: Place;
  filters: Filters;
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

function parseFilters(query: URLSearchParams): Filters {
  const filters: Filters = {};
  for (const name of FILTER_NAMES) {
    const value = query.get(name);
    if (value) filters[name] = value;
  }
  return filters;
}

function parsePlace(pathname: string, query: URLSearchParams): Place {
  const [root, itemId, first, second] = pathname.split("/").filter(Boolean).map(decode);
  if (root === "plugins") return { page: "plugins" };
  if (root !== "items" || !itemId) return { page: "home" };
  if (first === "item" && second === undefined) return { page: "item", itemId, tab: { kind: "item" } };
  if (!first) return { page: "item", itemId, tab: null };
  return { page: "item", itemId, tab: { kind: "plugin", plugin: first, tab: second ?? "0", view: query.get("view") ?? "" } };
}

/** Read an address of the shell. */
export function parseRoute(address: { pathname: string; search: string }): Route {
  const query = new URLSearchParams(address.search);
  return { place: parsePlace(address.pathname, query), filters: parseFilters(query) };
}

/** Write an address of the shell. */
export function renderRoute({ place, filters }: Route): string {
  const query = new URLSearchParams();
  for (const name of FILTER_NAMES) if (filters[name]) query.set(name, filters[name]);
  let path = place.page === "plugins" ? "/plugins" : "/";
  if (place.page === "item") {
    path = `/items/${encodeURIComponent(place.itemId)}`;
    if (place.tab?.kind === "item") path += "/item";
    if (place.tab?.kind === "plugin") {
      path += `/${encodeURIComponent(place.tab.plugin)}/${encodeURIComponent(place.tab.tab)}`;
      if (place.tab.view) query.set("view", place.tab.view);
    }
  }
  const text = query.toString();
  return text ? `${path}?${text}` : path;
}
