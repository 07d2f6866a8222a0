/** An inner tab of the page. */
export interface PageTab {
  path: string;
  label: string;
}

/** In the order they are drawn; links use the path. */
export const PAGE_TABS: readonly PageTab[] = [
  { path: "overview", label: "Overview" },
  { path: "sessions", label: "Sessions" },
  { path: "locks", label: "Locks" },
  { path: "statements", label: "Statements" },
  { path: "console", label: "Console" },
  { path: "indexes", label: "Indexes" },
  { path: "storage", label: "Storage" },
  { path: "replication", label: "Replication" },
  { path: "settings", label: "Settings" },
];

/** Names that the reference's links use. */
const OLD_NAMES: Record<string, string> = { stats: "overview", "slow-queries": "statements", vacuum: "storage" };

/** Return the tab an address means: unknown ones lead to the first, a link with a statement to the console. */
export function resolveTab(path: string, hasStatement: boolean): PageTab {
  const first = path.split("/")[0] ?? "";
  const name = first || (hasStatement ? "console" : "");
  const found = PAGE_TABS.find((tab) => tab.path === (OLD_NAMES[name] ?? name));
  return found ?? (PAGE_TABS[0] as PageTab);
}
