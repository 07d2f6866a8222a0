import { useEffect, useMemo, useState } from "preact/hooks";
import { useAllPlugins, useItem, useItemSearch, usePlugins } from "./api.ts";
import type { LookControl } from "./look.ts";
import { itemHint, listChoices, matchesWords, type Choice, type Command } from "./logic/palette.ts";
import type { RecentEntry } from "./logic/recent.ts";
import type { Place } from "./logic/route.ts";
import { listOperations } from "./logic/operations.ts";
import { listTabs } from "./logic/tabs.ts";
import { go, openRun } from "./navigation.ts";
import { rememberRecent, storedRecents } from "./recents.ts";

function runCommand(command: Command, look: LookControl): void {
  if (command === "plugins") go({ page: "plugins" });
  else if (command === "home") go({ page: "home" });
  else if (command === "theme") look.toggleTheme();
  else look.setDensity(command);
}

/** Return how a choice is reached again; commands are not remembered. */
function entryOf(choice: Choice, itemId: string, itemName: string): RecentEntry | null {
  const { key, label, hint } = choice;
  if (choice.kind === "item") return { key, label, hint, place: { page: "item", itemId: choice.item.id, tab: null } };
  if (choice.kind === "recent") return choice.entry;
  if (choice.kind !== "tab") return null; // an operation is remembered by its form
  const { plugin, slug } = choice.tab;
  return { key, label, hint: `tab · ${itemName || plugin}`, place: { page: "item", itemId, tab: { kind: "plugin", plugin, tab: slug, view: "" } } };
}

export interface PaletteModel {
  choices: Choice[];
  /** The host has said what it knows for this very text. */
  isAnswered: boolean;
  /** Why it has not. */
  problem: string;
  take: (choice: Choice) => void;
}

/** What the palette offers for a text, and what taking a line does. */
export function usePalette(text: string, place: Place, look: LookControl): PaletteModel {
  const itemId = place.page === "item" ? place.itemId : "";
  const found = useItemSearch(text.trim(), true);
  const ofItem = usePlugins(itemId);
  const all = useAllPlugins();
  const here = useItem(itemId, itemId !== "");
  const [recents] = useState(storedRecents);
  const items = useMemo(() => {
    const known = found.data?.items ?? [];
    return found.isStale ? known.filter((item) => matchesWords(`${item.name} ${itemHint(item)}`, text.trim())) : known;
  }, [found.data, found.isStale, text]);
  const operations = [...listOperations(itemId ? (ofItem.data ?? []) : []).filter((one) => !one.isGlobal), ...listOperations(all.data ?? []).filter((one) => one.isGlobal)];
  const tabs = itemId ? listTabs(ofItem.data ?? []) : [];

  function take(choice: Choice) {
    const entry = entryOf(choice, itemId, here.data?.name ?? "");
    if (entry) rememberRecent(entry);
    if (choice.kind === "command") runCommand(choice.command, look);
    else if (choice.kind === "operation") openRun(choice.offered.plugin, choice.offered.operation.name);
    else if (entry?.run) openRun(entry.run.plugin, entry.run.operation, entry.place);
    else if (entry) go(entry.place);
  }
  return {
    choices: listChoices(text, { items, tabs, operations, recents, itemId }),
    isAnswered: found.data !== undefined && !found.isStale,
    problem: found.error?.message ?? "",
    take,
  };
}

/** Take the first line for a text once the host has answered it: Enter may come before the answer. */
export function useEarlyEnter(model: PaletteModel, onTake: (choice: Choice | undefined) => void): { isWaiting: boolean; wait: () => void; cancel: () => void } {
  const [isWaiting, setWaiting] = useState(false);
  const first = model.choices[0];
  const { isAnswered, problem } = model;
  useEffect(() => {
    if (!isWaiting) return;
    if (problem) setWaiting(false);
    else if (isAnswered) {
      setWaiting(false);
      onTake(first);
    }
  }, [isWaiting, isAnswered, problem]); // eslint-disable-line react-hooks/exhaustive-deps -- the first line at the moment of the answer
  return { isWaiting, wait: () => setWaiting(true), cancel: () => setWaiting(false) };
}
