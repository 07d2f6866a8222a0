import { parseHash, renderHash, withParams } from "@mission-control/plugin-ui";

/** A statement that a link brought; `isRun` when it asked to be run, which happens in read mode only. */
export interface ConsoleLink {
  statement: string;
  database: string;
  isRun: boolean;
}

/** Read a link's statement from the query string (the reference's form) or from the hash. */
export function parseConsoleLink(search: string, hash: string): ConsoleLink | null {
  for (const params of [new URLSearchParams(search), parseHash(hash).params]) {
    const statement = params.get("q");
    const isConsole = params.has("run") || params.get("config_id") !== null || parseHash(hash).path === "console";
    if (statement?.trim() && isConsole) return { statement, database: params.get("database") ?? "", isRun: params.get("run") === "1" };
  }
  return null;
}

/** Take the statement out of the address, so that a reload does not run it again. */
export function takeConsoleLink(): ConsoleLink | null {
  const link = parseConsoleLink(window.location.search, window.location.hash);
  if (!link) return null;
  const url = new URL(window.location.href);
  url.searchParams.delete("q");
  url.searchParams.delete("run");
  const view = parseHash(url.hash);
  const params = view.path === "console" ? withParams(view.params, { q: null, run: null, database: null }) : view.params;
  url.hash = renderHash({ path: view.path || "console", params });
  window.history.replaceState(null, "", url);
  return link;
}
