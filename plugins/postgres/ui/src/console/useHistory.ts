import { parsePageLocation, usePreference } from "@mission-control/plugin-ui";
import { useRef } from "preact/hooks";
import { remember, type HistoryEntry } from "../logic/history.ts";

export interface History {
  entries: HistoryEntry[];
  add: (entry: HistoryEntry) => void;
  remove: (entry: HistoryEntry) => void;
  clear: () => void;
}

/** Statements that were run on this item, newest first, kept in this browser. */
export function useHistory(): History {
  const { itemId } = parsePageLocation(window.location);
  const [entries, setEntries] = usePreference<HistoryEntry[]>(`mc.postgres.history.${itemId}`, []);
  const latest = useRef(entries);
  latest.current = entries;
  const set = (next: HistoryEntry[]) => {
    latest.current = next;
    setEntries(next);
  };
  return {
    entries,
    add: (entry) => set(remember(latest.current, entry)),
    remove: (entry) => set(latest.current.filter((one) => one !== entry)),
    clear: () => set([]),
  };
}
