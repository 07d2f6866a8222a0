import type { Item } from "../api.ts";
import { typeLabel } from "./groups.ts";
import type { OfferedOperation } from "./operations.ts";
import type { RecentEntry } from "./recent.ts";
import type { ShellTab } from "./tabs.ts";

export type Command = "plugins" | "home" | "theme" | "compact" | "comfortable" | "spacious";

/** One line of the palette. */
export type Choice = { key: string; label: string; hint: string } & (
  | { kind: "item"; item: Item }
  | { kind: "tab"; tab: ShellTab }
  | { kind: "operation"; offered: OfferedOperation }
  | { kind: "command"; command: Command }
  | { kind: "recent"; entry: RecentEntry }
);

/** What there is to choose from. */
export interface PaletteSources {
  /** Items that the host found for the text. */
  items: readonly Item[];
  tabs: readonly ShellTab[];
  operations: readonly OfferedOperation[];
  recents: readonly RecentEntry[];
  /** The item that tabs and operations belong to, part of their keys. */
  itemId: string;
}

const COMMANDS: readonly (readonly [Command, string])[] = [
  ["home", "Catalog"],
  ["plugins", "Plugins"],
  ["theme", "Switch between light and dark"],
  ["compact", "Density: compact"],
  ["comfortable", "Density: comfortable"],
  ["spacious", "Density: spacious"],
];
const RECENTS_WITHOUT_TEXT = 6;

/** Return whether every word of the query occurs in the text. */
export function matchesWords(text: string, query: string): boolean {
  const lower = text.toLowerCase();
  return query.toLowerCase().split(/\s+/).every((word) => lower.includes(word));
}

export function itemHint(item: Pick<Item, "type" | "namespace">): string {
  return [typeLabel(item.type), item.namespace].filter(Boolean).join(" · ");
}

export const itemKey = (id: string) => `item ${id}`;

function tabChoice(tab: ShellTab, itemId: string): Choice {
  return { kind: "tab", key: `tab ${itemId} ${tab.plugin}/${tab.slug}`, label: tab.name, hint: `tab · ${tab.plugin}`, tab };
}

function operationChoice(offered: OfferedOperation, itemId: string): Choice {
  const { plugin, operation, isGlobal } = offered;
  return { kind: "operation", key: `operation ${isGlobal ? "" : itemId} ${plugin}/${operation.name}`, label: operation.name, hint: `${isGlobal ? "global operation" : "operation"} · ${plugin}`, offered };
}

/** Return how well a label fits: 0 for the very text, 1 for its beginning, 2 for the beginning of a word, 3 for the rest. */
function fit(label: string, text: string): number {
  const lower = label.toLowerCase();
  const wanted = text.toLowerCase();
  if (lower === wanted) return 0;
  if (lower.startsWith(wanted)) return 1;
  return new RegExp(`(?:^|[^a-z0-9])${wanted.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}`).test(lower) ? 2 : 3;
}

function isLive(entry: RecentEntry, itemId: string): boolean {
  return entry.place.page !== "item" || entry.place.itemId !== itemId || entry.place.tab !== null || entry.run !== undefined;
}

/** Return the lines: recently used first, then tabs and operations of this item, items as the host found them, commands;
 * with a text, what is called so comes before what merely contains it. */
export function listChoices(query: string, { items, tabs, operations, recents, itemId }: PaletteSources): Choice[] {
  const text = query.trim();
  const all: Choice[] = [
    ...tabs.filter((tab) => matchesWords(`${tab.name} ${tab.plugin}`, text)).map((tab) => tabChoice(tab, itemId)),
    ...items.map((item): Choice => ({ kind: "item", key: itemKey(item.id), label: item.name, hint: itemHint(item), item })),
    ...operations.filter((one) => text && matchesWords(`${one.operation.name} ${one.plugin}`, text)).map((one) => operationChoice(one, itemId)),
    ...COMMANDS.filter(([, label]) => matchesWords(label, text)).map(([command, label]): Choice => ({ kind: "command", key: command, label, hint: "command", command })),
  ];
  const age = new Map(recents.map((entry, index) => [entry.key, index]));
  const known = new Set(all.map((choice) => choice.key));
  const used = recents.filter((entry) => isLive(entry, itemId) && matchesWords(`${entry.label} ${entry.hint}`, text));
  const gone = used.filter((entry) => !known.has(entry.key)).map((entry): Choice => ({ kind: "recent", key: entry.key, label: entry.label, hint: entry.hint, entry }));
  const ageOf = (choice: Choice) => age.get(choice.key) ?? Infinity;
  if (!text) {
    const here = itemKey(itemId);
    const first = [...gone, ...all.filter((choice) => age.has(choice.key) && choice.key !== here)].sort((a, b) => ageOf(a) - ageOf(b)).slice(0, RECENTS_WITHOUT_TEXT);
    const shown = new Set(first.map((choice) => choice.key));
    return [...first, ...all.filter((choice) => !shown.has(choice.key))];
  }
  const ranked = [...all, ...gone].map((choice, index) => ({ choice, index, fit: fit(choice.label, text) }));
  return ranked.sort((a, b) => a.fit - b.fit || compareAges(ageOf(a.choice), ageOf(b.choice)) || a.index - b.index).map(({ choice }) => choice);
}

function compareAges(a: number, b: number): number {
  return a === b ? 0 : a - b;
}
