import type { Item } from "../api.ts";
import { typeLabel } from "./groups.ts";
import type { ShellTab } from "./tabs.ts";

export type Command = "plugins" | "home" | "theme" | "compact" | "comfortable" | "spacious";

/** One line of the palette. */
export type Choice = { key: string; label: string; hint: string } & (
  | { kind: "item"; item: Item }
  | { kind: "tab"; tab: ShellTab }
  | { kind: "command"; command: Command }
);

const COMMANDS: readonly (readonly [Command, string])[] = [
  ["home", "Catalog"],
  ["plugins", "Plugins"],
  ["theme", "Switch between light and dark"],
  ["compact", "Density: compact"],
  ["comfortable", "Density: comfortable"],
  ["spacious", "Density: spacious"],
];

/** Return whether every word of the query occurs in the text. */
export function matchesWords(text: string, query: string): boolean {
  const lower = text.toLowerCase();
  return query.toLowerCase().split(/\s+/).every((word) => lower.includes(word));
}

/** Return the lines: tabs of this item first, then items as the host found them, then commands. */
export function listChoices(query: string, items: readonly Item[], tabs: readonly ShellTab[]): Choice[] {
  const text = query.trim();
  const tabChoices = tabs
    .filter((tab) => matchesWords(`${tab.name} ${tab.plugin}`, text))
    .map((tab): Choice => ({ kind: "tab", key: `tab ${tab.plugin}/${tab.slug}`, label: tab.name, hint: `tab · ${tab.plugin}`, tab }));
  const itemChoices = items.map(
    (item): Choice => ({ kind: "item", key: `item ${item.id}`, label: item.name, hint: [typeLabel(item.type), item.namespace].filter(Boolean).join(" · "), item }),
  );
  const commands = COMMANDS.filter(([, label]) => matchesWords(label, text)).map(
    ([command, label]): Choice => ({ kind: "command", key: command, label, hint: "command", command }),
  );
  return [...tabChoices, ...itemChoices, ...commands];
}
