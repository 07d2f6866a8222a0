import { classes } from "@mission-control/plugin-ui";
import { useEffect, useRef, useState } from "preact/hooks";
import { useItemSearch, usePlugins } from "../api.ts";
import { listChoices, type Choice } from "../logic/palette.ts";
import type { Place } from "../logic/route.ts";
import { listTabs } from "../logic/tabs.ts";
import type { LookControl } from "../look.ts";
import { go } from "../navigation.ts";
import { HealthMark } from "./HealthMark.tsx";

export interface PaletteProps {
  text: string;
  place: Place;
  look: LookControl;
  onClose: () => void;
}

/** Go anywhere by typing: items, tabs of this item, commands. */
export function Palette({ text: initial, place, look, onClose }: PaletteProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [text, setText] = useState(initial);
  const [at, setAt] = useState(0);
  const itemId = place.page === "item" ? place.itemId : "";
  const found = useItemSearch(text.trim(), true);
  const plugins = usePlugins(itemId);
  const tabs = itemId ? listTabs(plugins.data ?? []) : [];
  const choices = listChoices(text, found.data?.items ?? [], tabs);
  const current = Math.min(at, choices.length - 1);
  useEffect(() => {
    if (dialog.current && !dialog.current.open) dialog.current.showModal();
  }, []);

  function take(choice: Choice | undefined) {
    if (!choice) return;
    onClose();
    if (choice.kind === "item") go({ page: "item", itemId: choice.item.id, tab: null });
    else if (choice.kind === "tab") go({ page: "item", itemId, tab: { kind: "plugin", plugin: choice.tab.plugin, tab: choice.tab.slug, view: "" } });
    else if (choice.command === "plugins") go({ page: "plugins" });
    else if (choice.command === "home") go({ page: "home" });
    else if (choice.command === "theme") look.toggleTheme();
    else look.setDensity(choice.command);
  }
  function press(event: KeyboardEvent) {
    if (event.key === "ArrowDown") setAt((current + 1) % choices.length);
    else if (event.key === "ArrowUp") setAt((current - 1 + choices.length) % choices.length);
    else if (event.key === "Enter") take(choices[current]);
    else return;
    event.preventDefault();
  }
  return (
    <dialog
      ref={dialog}
      aria-label="Search"
      onClose={onClose}
      onClick={(event) => event.target === dialog.current && onClose()}
      class="mt-[10vh] w-full max-w-[min(38rem,calc(100vw-1.5rem))] animate-appear overflow-hidden rounded-panel border bg-popover p-0 text-sm text-popover-foreground shadow-popover backdrop:bg-background/60"
    >
      <input
        autofocus
        aria-label="Search items, tabs and commands"
        placeholder="Search items, tabs, commands"
        value={text}
        spellcheck={false}
        autocomplete="off"
        onInput={(event) => {
          setText(event.currentTarget.value);
          setAt(0);
        }}
        onKeyDown={press}
        class="h-11 w-full border-b bg-transparent px-4 text-base outline-none"
      />
      <ul role="listbox" class="max-h-[50vh] overflow-auto p-1">
        {choices.map((choice, index) => (
          <li
            key={choice.key}
            role="option"
            aria-selected={index === current}
            ref={(line) => {
              if (index === current) line?.scrollIntoView({ block: "nearest" });
            }}
            onPointerMove={() => setAt(index)}
            onClick={() => take(choice)}
            class={classes("flex h-9 cursor-pointer items-center gap-2.5 rounded-control px-3", index === current && "bg-accent")}
          >
            {choice.kind === "item" && <HealthMark health={choice.item.health} />}
            <span class="truncate">{choice.label}</span>
            <span class="ml-auto truncate text-xs text-muted-foreground">{choice.hint}</span>
          </li>
        ))}
        {choices.length === 0 && <li class="px-3 py-6 text-center text-muted-foreground">{found.isFetching ? "Searching…" : "Nothing matches"}</li>}
      </ul>
    </dialog>
  );
}
