import { classes } from "@mission-control/plugin-ui";
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

/** Levels with their counts: a click hides one, a click with Alt or a second one on the last shows it alone. */
export function LevelChips({ counts, hidden, onChange }: LevelChipsProps) {
  const shown = ORDER.filter((level) => (counts[level] ?? 0) > 0 || hidden.includes(level));
  const toggle = (level: number, isAlone: boolean) => {
    if (isAlone) return onChange(hidden.length === 6 && !hidden.includes(level) ? [] : ORDER.filter((one) => one !== level));
    onChange(hidden.includes(level) ? hidden.filter((one) => one !== level) : [...hidden, level]);
  };
  return (
    <span role="group" aria-label="Levels" class="flex flex-wrap items-center gap-0.5">
      {shown.map((level) => {
        const isOff = hidden.includes(level);
        const name = LEVELS[level] as string;
        return (
          <button
            key={level}
            type="button"
            aria-pressed={!isOff}
            aria-label={`${name}: ${(counts[level] ?? 0).toLocaleString()} lines`}
            title={`${name}: ${(counts[level] ?? 0).toLocaleString()} lines. Click hides or shows them, Alt-click shows them alone`}
            onClick={(event) => toggle(level, event.altKey)}
            class={classes("flex h-control-h items-center gap-1 rounded-control px-1.5 text-xs tabular-nums hover:bg-accent", isOff && "opacity-45 line-through")}
          >
            <span class={classes("font-semibold", TONES[level])}>{SHORT[level]}</span>
            {compact(counts[level] ?? 0)}
          </button>
        );
      })}
    </span>
  );
}
