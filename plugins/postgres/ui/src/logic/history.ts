/** A statement that was run. */
export interface HistoryEntry {
  text: string;
  database: string;
  mode: "read" | "write";
  atMs: number;
  /** Unset while it runs. */
  outcome?: "done" | "failed" | "cancelled";
  durationMs?: number;
  rows?: number;
}

const LIMIT = 200;

/** Return history with an entry on top; the same text on the same database moves there. */
export function remember(history: readonly HistoryEntry[], entry: HistoryEntry): HistoryEntry[] {
  const others = history.filter((old) => old.text !== entry.text || old.database !== entry.database);
  return [entry, ...others].slice(0, LIMIT);
}

/** Return the entries of a database (all when empty) whose text holds every word. */
export function searchHistory(history: readonly HistoryEntry[], database: string, query: string): HistoryEntry[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  return history.filter((entry) => (!database || entry.database === database) && words.every((word) => entry.text.toLowerCase().includes(word)));
}
