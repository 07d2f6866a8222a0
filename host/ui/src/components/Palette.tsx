import { classes } from "@mission-control/plugin-ui";
import { FileText, History, Play, Puzzle, Settings2, type LucideIcon } from "lucide-preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Choice } from "../logic/palette.ts";
import type { Place } from "../logic/route.ts";
import type { LookControl } from "../look.ts";
import { tabIcon } from "../tabIcon.ts";
import { useEarlyEnter, usePalette } from "../usePalette.ts";
import { HealthMark } from "./HealthMark.tsx";

export interface PaletteProps {
  text: string;
  place: Place;
  look: LookControl;
  onClose: () => void;
}

function iconOf(choice: Choice): LucideIcon {
  if (choice.kind === "tab") return tabIcon(choice.tab.icon);
  if (choice.kind === "operation") return Play;
  if (choice.kind === "command") return Settings2;
  if (choice.kind !== "recent") return Puzzle;
  return choice.entry.run ? Play : choice.entry.place.page === "item" && choice.entry.place.tab === null ? History : FileText;
}

function Mark({ choice }: { choice: Choice }) {
  const Icon = iconOf(choice);
  return (
    <span class="flex w-4 shrink-0 justify-center text-muted-foreground">
      {choice.kind === "item" ? <HealthMark health={choice.item.health} /> : <Icon aria-hidden class="size-3.5" />}
    </span>
  );
}

/** Go anywhere by typing: items, tabs and operations of this item, commands; recently used first. */
export function Palette({ text: initial, place, look, onClose }: PaletteProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [text, setText] = useState(initial);
  const [at, setAt] = useState(0);
  const model = usePalette(text, place, look);
  const { choices, isAnswered, problem } = model;
  const current = Math.min(at, choices.length - 1);
  // Before the next key can arrive: what is typed right after Ctrl-K belongs here.
  useLayoutEffect(() => {
    if (dialog.current && !dialog.current.open) dialog.current.showModal();
  }, []);

  function take(choice: Choice | undefined) {
    if (!choice) return;
    onClose();
    model.take(choice);
  }
  const early = useEarlyEnter(model, take);
  function press(event: KeyboardEvent) {
    if (event.isComposing) return;
    if (event.key === "ArrowDown") setAt((current + 1) % Math.max(1, choices.length));
    else if (event.key === "ArrowUp") setAt((current - 1 + choices.length) % Math.max(1, choices.length));
    else if (event.key === "Enter") {
      // A line that was walked to is meant; the first one is meant as the answer to what was typed.
      if (current <= 0 && !isAnswered && text.trim()) early.wait();
      else take(choices[current]);
    } else return;
    event.preventDefault();
  }
  const waiting = early.isWaiting || (!isAnswered && !problem);
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
        role="combobox"
        aria-expanded="true"
        aria-controls="palette-lines"
        aria-activedescendant={choices[current] && `palette-line-${current}`}
        aria-label="Search items, tabs, operations and commands"
        placeholder="Search items, tabs, operations"
        value={text}
        spellcheck={false}
        autocomplete="off"
        onInput={(event) => {
          setText(event.currentTarget.value);
          setAt(0);
          early.cancel();
        }}
        onKeyDown={press}
        class="h-11 w-full border-b bg-transparent px-4 text-base outline-none"
      />
      <ul id="palette-lines" role="listbox" aria-label="Choices" aria-busy={waiting} class="max-h-[50vh] overflow-auto p-1">
        {choices.map((choice, index) => (
          <li
            key={choice.key}
            id={`palette-line-${index}`}
            role="option"
            aria-selected={index === current}
            ref={(line) => {
              if (index === current) line?.scrollIntoView({ block: "nearest" });
            }}
            onPointerMove={() => setAt(index)}
            onClick={() => take(choice)}
            class={classes("flex h-9 cursor-pointer items-center gap-2.5 rounded-control px-3", index === current && "bg-accent")}
          >
            <Mark choice={choice} />
            <span class={classes("truncate", (choice.kind === "operation" || (choice.kind === "recent" && choice.entry.run)) && "font-mono text-xs")}>{choice.label}</span>
            <span class="ml-auto max-w-1/2 shrink-0 truncate text-xs text-muted-foreground">{choice.hint}</span>
          </li>
        ))}
        {choices.length === 0 && !problem && <li class="px-3 py-6 text-center text-muted-foreground">{waiting ? "Searching…" : "Nothing matches"}</li>}
        {problem && <li role="alert" class="px-3 py-2 text-destructive">Searching failed: {problem}</li>}
      </ul>
    </dialog>
  );
}
