import { classes } from "@mission-control/plugin-ui";
import { useState } from "preact/hooks";
import { LEVELS } from "../protocol.ts";

const ORDER = [5, 4, 3, 2, 1, 0, 6];
const SHORT = ["T", "D", "I", "W", "E", "F", "?"];
const TONES = ["text-muted-foreground", "text-muted-foreground", "text-info-text", "text-warning-text", "text-destructive", "text-destructive", "text-muted-foreground"];

function compact(count: number): string {
  if (count < 10_000) return count.toLocaleString();
  return count < 1_000_000 ? `${Math.round(count / 1000)}k` : `${(count / 1_000_000).toFixed(1)}M`;
}

export interface LevelChipsProps {
  counts: readonly number[];
  hidden: readonly number[];
  onChange: (hidden: number[]) => void;
}

interface LevelChipProps {
  level: number;
  count: number;
  isOff: boolean;
  isAlone: boolean;
  onToggle: () => void;
  onAlone: () => void;
}

/** One level; below it, while the pointer or the keyboard is on it, the way to see it alone. */
function LevelChip({ level, count, isOff, isAlone, onToggle, onAlone }: LevelChipProps) {
  const name = LEVELS[level] as string;
  const [isHinted, setHinted] = useState(false);
  const about = `${name}: ${count.toLocaleString()} lines`;
  return (
    <span
      class="relative"
      onPointerEnter={(event) => event.pointerType === "mouse" && setHinted(true)}
      onPointerLeave={() => setHinted(false)}
      onFocusIn={(event) => event.target instanceof Element && event.target.matches(":focus-visible") && setHinted(true)}
      onFocusOut={(event) => !event.currentTarget.contains(event.relatedTarget as Node | null) && setHinted(false)}
    >
      <button
        type="button"
        aria-pressed={!isOff}
        aria-label={about}
        onClick={(event) => (event.altKey ? onAlone() : onToggle())}
        onKeyDown={(event) => {
          if (event.key !== "Enter" || !event.shiftKey) return;
          event.preventDefault();
          event.stopPropagation();
          onAlone();
        }}
        class={classes("flex h-control-h items-center gap-1 rounded-control px-1.5 text-xs tabular-nums hover:bg-accent", isOff && "opacity-60 line-through")}
      >
        <span class={classes("font-semibold", TONES[level])}>{SHORT[level]}</span>
        {compact(count)}
      </button>
      {isHinted && (
        <span class="absolute top-full left-0 z-30 flex animate-appear flex-col rounded-panel border bg-popover p-1 [animation-delay:300ms] [animation-fill-mode:backwards] text-xs whitespace-nowrap text-popover-foreground shadow-popover">
          <span class="px-2 text-muted-foreground">
            {about}, click to {isOff ? "show" : "hide"}
          </span>
          <button type="button" class="flex items-center justify-between gap-4 rounded-control px-2 py-1 text-left hover:bg-accent" onClick={onAlone}>
            {isAlone ? "All levels" : `Only ${name}`}
            <kbd class="font-sans text-muted-foreground">Alt-click · Shift-Enter</kbd>
          </button>
        </span>
      )}
    </span>
  );
}

/** Levels with their counts: a click hides one or shows it again, with Alt (Shift-Enter on the keyboard) it stands alone. */
export function LevelChips({ counts, hidden, onChange }: LevelChipsProps) {
  const shown = ORDER.filter((level) => (counts[level] ?? 0) > 0 || hidden.includes(level));
  return (
    <span role="group" aria-label="Levels" class="flex flex-wrap items-center gap-0.5">
      {shown.map((level) => {
        const isOff = hidden.includes(level);
        const isAlone = hidden.length === ORDER.length - 1 && !isOff;
        return (
          <LevelChip
            key={level}
            level={level}
            count={counts[level] ?? 0}
            isOff={isOff}
            isAlone={isAlone}
            onToggle={() => onChange(isOff ? hidden.filter((one) => one !== level) : [...hidden, level])}
            onAlone={() => onChange(isAlone ? [] : ORDER.filter((one) => one !== level))}
          />
        );
      })}
    </span>
  );
}
