import type { ComponentChildren } from "preact";
import { classes } from "../classes.ts";

export type Tone = "neutral" | "primary" | "success" | "warning" | "destructive" | "info";

const TONES: Record<Tone, string> = {
  neutral: "bg-secondary text-muted-foreground",
  primary: "bg-primary/12 text-primary",
  success: "bg-success/12 text-success-text",
  warning: "bg-warning/15 text-warning-text",
  destructive: "bg-destructive/12 text-destructive",
  info: "bg-info/12 text-info-text",
};

/** A short word with a status or a count. */
export function Badge({ tone = "neutral", shape = "rounded", title, children }: { tone?: Tone; shape?: string; title?: string; children: ComponentChildren }) {
  return (
    <span title={title} class={classes("inline-flex items-center gap-1 px-1.5 text-xs font-medium whitespace-nowrap", shape, TONES[tone])}>
      {children}
    </span>
  );
}
