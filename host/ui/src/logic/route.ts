/** What narrows the catalog list; part of every address. */
export interface Filters {
  search?: string;
  type?: string;
  namespace?: string;
  health?: string;
  /** `key=value` of a tag or label; several are separated by commas. */
  tag?: string;
}

export const FILTER_NAMES = ["search", "type", "namespace", "health", "tag"] as const;

/** Where the shell is. */
export type Place =
  | { page: "home" }
  | { page: "plugins"; selected?: string }
  | { page: "item"; itemId: string; tab: TabPlace | null };

/** A tab of an item: the host's own, or one of a plugin with the part of the address that it owns. */
export type TabPlace = { kind: "item" } | { kind: "plugin"; plugin: string; tab: string; view: string };

/** An operation whose form is open beside the page, and what is entered there. */
export interface RunPlace {
  plugin: string;
  operation: string;
  values: Readonly<Record<string, string>>;
}

export interface Route {
  place: Place;
  filters: Filters;
  run: RunPlace | null;
}

const VALUE_PREFIX = "p.";
/** A request line has a limit; a value beyond it stays in the form alone. */
const MAX_VALUES_LENGTH = 5000;

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

/** Return the filters that are set, in their order: equal ones are the same question. */
export function presentFilters(given: Filters): Filters {
  const filters: Filters = {};
  for (const name of FILTER_NAMES) if (given[name]) filters[name] = given[name];
  return filters;
}

function parseFilters(query: URLSearchParams): Filters {
  return presentFilters(Object.fromEntries(FILTER_NAMES.map((name) => [name, query.get(name) ?? ""])));
}

function parseRun(query: URLSearchParams): RunPlace | null {
  const [plugin, operation] = (query.get("run") ?? "").split("/", 2);
  if (!plugin || !operation) return null;
  const values = [...query].filter(([name]) => name.startsWith(VALUE_PREFIX)).map(([name, value]) => [name.slice(VALUE_PREFIX.length), value]);
  return { plugin, operation, values: Object.fromEntries(values) };
}

function renderRun(run: RunPlace, query: URLSearchParams): void {
  query.set("run", `${run.plugin}/${run.operation}`);
  let room = MAX_VALUES_LENGTH;
  for (const [path, value] of Object.entries(run.values)) {
    room -= encodeURIComponent(path + value).length;
    if (value !== "" && room >= 0) query.set(`${VALUE_PREFIX}${path}`, value);
  }
}

function parsePlace(pathname: string, query: URLSearchParams): Place {
  const [root, itemId, first, second] = pathname.split("/").filter(Boolean).map(decode);
  if (root === "plugins") return itemId ? { page: "plugins", selected: itemId } : { page: "plugins" };
  if (root !== "items" || !itemId) return { page: "home" };
  if (first === "item" && second === undefined) return { page: "item", itemId, tab: { kind: "item" } };
  if (!first) return { page: "item", itemId, tab: null };
  return { page: "item", itemId, tab: { kind: "plugin", plugin: first, tab: second ?? "0", view: query.get("view") ?? "" } };
}

/** Read an address of the shell. */
export function parseRoute(address: { pathname: string; search: string }): Route {
  const query = new URLSearchParams(address.search);
  return { place: parsePlace(address.pathname, query), filters: parseFilters(query), run: parseRun(query) };
}

/** Write an address of the shell. */
export function renderRoute({ place, filters, run }: Route): string {
  const query = new URLSearchParams();
  for (const name of FILTER_NAMES) if (filters[name]) query.set(name, filters[name]);
  let path = place.page === "plugins" ? `/plugins${place.selected ? `/${encodeURIComponent(place.selected)}` : ""}` : "/";
  if (place.page === "item") {
    path = `/items/${encodeURIComponent(place.itemId)}`;
    if (place.tab?.kind === "item") path += "/item";
    if (place.tab?.kind === "plugin") {
      path += `/${encodeURIComponent(place.tab.plugin)}/${encodeURIComponent(place.tab.tab)}`;
      if (place.tab.view) query.set("view", place.tab.view);
    }
  }
  if (run) renderRun(run, query);
  const text = query.toString();
  return text ? `${path}?${text}` : path;
}
