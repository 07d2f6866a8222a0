import { useHashView, usePreference } from "@mission-control/plugin-ui";
import { useCallback, useMemo } from "preact/hooks";
import { LEVELS, type FilterSpec } from "../protocol.ts";
import type { SavedFilter } from "./useLogs.ts";
import { parseViewState, renderTerm, type ViewState } from "./viewState.ts";

export interface ViewControl {
  view: ViewState;
  setFilter: (changes: Partial<FilterSpec>) => void;
  /** Change the rest of the address, and the filter with it where both are one step. */
  setView: (changes: Partial<Omit<ViewState, "filter">>, filter?: Partial<FilterSpec>) => void;
  reset: () => void;
  saved: { all: readonly SavedFilter[]; save: (name: string) => void; apply: (one: SavedFilter) => void; remove: (one: SavedFilter) => void };
}

/** Return the part of the address that a filter is; empty values leave it. */
function filterParams(filter: FilterSpec): Record<string, string | null> {
  return {
    q: filter.query,
    words: filter.isRegex ? null : "1",
    case: filter.isCaseSensitive ? "1" : null,
    mode: filter.mode === "highlight" ? null : filter.mode,
    hide: filter.hiddenLevels.map((level) => LEVELS[level]).join(","),
    sources: filter.hiddenSources.join(","),
    from: filter.from,
    to: filter.to,
    field: filter.terms.map(renderTerm).join("\n"),
    pattern: filter.pattern,
    events: filter.hasEvents ? null : "0",
  };
}

/** The view that the address holds, and the ways to change it. */
export function useView(): ViewControl {
  const { params, setParams, go } = useHashView();
  const text = params.toString();
  const view = useMemo(() => parseViewState(new URLSearchParams(text)), [text]);
  const [all, setAll] = usePreference<SavedFilter[]>("mc.klogs.filters", []);
  const setFilter = useCallback((changes: Partial<FilterSpec>) => setParams(filterParams({ ...view.filter, ...changes })), [setParams, view]);
  const setView = useCallback(
    (changes: Partial<Omit<ViewState, "filter">>, filter?: Partial<FilterSpec>) => {
      const next = { ...view, ...changes };
      setParams({ ...(filter && filterParams({ ...view.filter, ...filter })), range: next.range, show: next.isGrouped ? "patterns" : null, cols: next.columns.join("\n"), previous: next.isPrevious ? "1" : null, at: next.at, key: next.atKey });
    },
    [setParams, view],
  );
  const saved = {
    all,
    save: (name: string) => {
      const kept = new URLSearchParams(text);
      for (const key of ["at", "key", "from", "to", "sources"]) kept.delete(key);
      setAll([...all.filter((one) => one.name !== name), { name, params: kept.toString() }]);
    },
    apply: (one: SavedFilter) => go("", Object.fromEntries(new URLSearchParams(one.params))),
    remove: (one: SavedFilter) => setAll(all.filter((other) => other !== one)),
  };
  return { view, setFilter, setView, reset: () => go("", {}), saved };
}
