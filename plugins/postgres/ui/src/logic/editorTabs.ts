/** One page of SQL in the console. */
export interface EditorTab {
  id: string;
  title: string;
  text: string;
  /** Empty: the connection's own. */
  database: string;
  rowLimit: number;
}

export interface EditorTabs {
  tabs: EditorTab[];
  activeId: string;
}

export const ROW_LIMITS = [100, 1000, 10_000, 100_000] as const;
const DEFAULT_ROW_LIMIT = 1000;

/** Return the next free title: `Query 3`. */
function freeTitle(tabs: readonly EditorTab[]): string {
  const taken = new Set(tabs.map((tab) => tab.title));
  let number = 1;
  while (taken.has(`Query ${number}`)) number += 1;
  return `Query ${number}`;
}

/** Return tabs with a new one after the active, chosen. */
export function addTab(state: EditorTabs, id: string, init: Partial<Pick<EditorTab, "text" | "database">> = {}): EditorTabs {
  const at = state.tabs.findIndex((tab) => tab.id === state.activeId);
  const before = state.tabs[at];
  const tab: EditorTab = {
    id, title: freeTitle(state.tabs), text: init.text ?? "", database: init.database ?? before?.database ?? "", rowLimit: before?.rowLimit ?? DEFAULT_ROW_LIMIT,
  };
  return { tabs: [...state.tabs.slice(0, at + 1), tab, ...state.tabs.slice(at + 1)], activeId: id };
}

/** Return tabs without one; its neighbour is chosen, and the last one is replaced by an empty one. */
export function closeTab(state: EditorTabs, id: string, freshId: string): EditorTabs {
  const at = state.tabs.findIndex((tab) => tab.id === id);
  const tabs = state.tabs.filter((tab) => tab.id !== id);
  if (tabs.length === 0) return addTab({ tabs: [], activeId: "" }, freshId);
  const neighbour = tabs[Math.min(at, tabs.length - 1)] as EditorTab;
  return { tabs, activeId: state.activeId === id ? neighbour.id : state.activeId };
}

/** Return tabs with one changed. */
export function changeTab(state: EditorTabs, id: string, change: Partial<EditorTab>): EditorTabs {
  return { ...state, tabs: state.tabs.map((tab) => (tab.id === id ? { ...tab, ...change } : tab)) };
}

function isTab(value: unknown): value is EditorTab {
  const tab = value as Partial<EditorTab> | null;
  return typeof tab?.id === "string" && typeof tab.text === "string" && typeof tab.title === "string";
}

/** Return what was stored, mended: at least one tab, and one of them active. */
export function restoreTabs(stored: unknown, freshId: string): EditorTabs {
  const state = (stored ?? {}) as Partial<EditorTabs>;
  const tabs = (Array.isArray(state.tabs) ? state.tabs : [])
    .filter(isTab)
    .map((tab) => ({ ...tab, database: tab.database ?? "", rowLimit: tab.rowLimit || DEFAULT_ROW_LIMIT }));
  const first = tabs[0];
  if (!first) return addTab({ tabs: [], activeId: "" }, freshId);
  return { tabs, activeId: tabs.some((tab) => tab.id === state.activeId) ? (state.activeId as string) : first.id };
}
