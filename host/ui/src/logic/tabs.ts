import type { Plugin } from "../api.ts";

/** A plugin's tab as the shell addresses it. */
export interface ShellTab {
  plugin: string;
  /** Name in the address: the tab's name in lower case, or its position when two are alike. */
  slug: string;
  name: string;
  icon: string | undefined;
  path: string;
}

function slugOf(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-+|-+$/g, "");
}

/** Return all tabs of an item, grouped by plugin in the host's order. */
export function listTabs(plugins: readonly Plugin[]): ShellTab[] {
  return plugins.flatMap((plugin) => {
    const taken = new Set<string>();
    return (plugin.tabs ?? []).map((tab, index) => {
      const own = slugOf(tab.name);
      const slug = own && !taken.has(own) ? own : String(index);
      taken.add(slug);
      return { plugin: plugin.name, slug, name: tab.name, icon: tab.icon, path: tab.path };
    });
  });
}

/** Return the tab that an address names by slug or by position. */
export function findTab(tabs: readonly ShellTab[], plugin: string, tab: string): ShellTab | undefined {
  const own = tabs.filter((one) => one.plugin === plugin);
  return own.find((one) => one.slug === tab) ?? (/^\d+$/.test(tab) ? own[Number(tab)] : undefined);
}

/** Return the address of a tab's page; the hash is the view that the tab owns. */
export function frameUrl(itemId: string, tab: Pick<ShellTab, "plugin" | "path">, view: string): string {
  const path = tab.path.startsWith("/") ? tab.path : `/${tab.path}`;
  const base = `/api/plugins/${encodeURIComponent(tab.plugin)}/ui${path}`;
  return `${base}?config_id=${encodeURIComponent(itemId)}${view ? `#${view}` : ""}`;
}
