import { classes } from "../classes.ts";
import type { Tone } from "./Badge.tsx";

export type StatusShape = "dot" | "ring" | "triangle" | "diamond" | "pause" | "bar";

const COLOURS: Record<Tone, string> = {
  neutral: "text-muted-foreground",
  primary: "text-primary",
  success: "text-success",
  warning: "text-warning",
  destructive: "text-destructive",
  info: "text-info",
};

const PATHS: Record<Exclude<StatusShape, "ring">, string> = {
  dot: "M6 2a4 4 0 1 1 0 8 4 4 0 0 1 0-8Z",
  triangle: "M6 1.2 11.2 10.6H.8Z",
  diamond: "M6 .6 11.4 6 6 11.4.6 6Z",
  pause: "M2.5 2h2.6v8H2.5ZM6.9 2h2.6v8H6.9Z",
  bar: "M1.5 4.8h9v2.4h-9Z",
};

/** A status as shape and colour, with its word for those who see neither. */
export function StatusDot({ shape, tone, label }: { shape: StatusShape; tone: Tone; label: string }) {
  return (
    <svg viewBox="0 0 12 12" role="img" aria-label={label} class={classes("size-3 shrink-0", COLOURS[tone])}>
      <title>{label}</title>
      {shape === "ring" ? (
        <circle cx="6" cy="6" r="3.2" fill="none" stroke="currentColor" stroke-width="1.6" />
      ) : (
        <path d={PATHS[shape]} fill="currentColor" />
      )}
    </svg>
  );
}
