import type { Place } from "./route.ts";

/** Something that was opened from the palette or visited, and how to get there again. */
export interface RecentEntry {
  key: string;
  label: string;
  hint: string;
  place: Place;
  /** The operation whose form was opened there. */
  run?: { plugin: string; operation: string };
}

const MAX_ENTRIES = 20;

/** Return the list with an entry as its newest. */
export function addRecent(entries: readonly RecentEntry[], entry: RecentEntry): RecentEntry[] {
  return [entry, ...entries.filter((one) => one.key !== entry.key)].slice(0, MAX_ENTRIES);
}

/** Return what was stored, without what cannot be an entry. */
export function readRecent(stored: unknown): RecentEntry[] {
  if (!Array.isArray(stored)) return [];
  return stored.filter((one): one is RecentEntry => typeof one?.key === "string" && typeof one?.label === "string" && typeof one?.place?.page === "string");
}
