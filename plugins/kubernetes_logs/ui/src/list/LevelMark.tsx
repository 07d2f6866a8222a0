import { classes } from "@mission-control/plugin-ui";
import { LEVELS } from "../protocol.ts";

export const LEVEL_TEXT = [
  "text-level-trace",
  "text-level-debug",
  "text-level-info",
  "text-warning-text",
  "text-destructive",
  "text-destructive-foreground",
  "text-muted-foreground",
];

const SHAPES = ["", "", "", "▲", "●", "◆", ""];

/** A level as word, colour and, where it matters, shape. */
export function LevelMark({ level }: { level: number }) {
  const name = LEVELS[level] ?? "unknown";
  if (name === "unknown") return <span class="w-[6.5ch] shrink-0 narrow:w-[2ch]" />;
  return (
    <span title={name} class={classes("w-[6.5ch] shrink-0 whitespace-nowrap narrow:w-[2ch]", LEVEL_TEXT[level])}>
      <span class={classes(level === 5 && "rounded-sm bg-destructive")}>
        <span class="inline-block w-[1.3ch] narrow:hidden">{SHAPES[level]}</span>
        <span class="narrow:hidden">{name.toUpperCase()}</span>
        <span class="hidden narrow:inline">{name.charAt(0).toUpperCase()}</span>
      </span>
    </span>
  );
}
