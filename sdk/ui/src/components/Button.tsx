import type { ComponentChildren, JSX } from "preact";
import { classes } from "../classes.ts";

export type ButtonKind = "plain" | "primary" | "destructive" | "destructive-outline" | "ghost";

const KINDS: Record<ButtonKind, string> = {
  plain: "border border-input bg-card hover:bg-accent",
  primary: "bg-primary text-primary-foreground hover:bg-primary/90",
  destructive: "bg-destructive text-destructive-foreground hover:bg-destructive/90",
  "destructive-outline": "border border-destructive/50 text-destructive hover:bg-destructive/10",
  ghost: "text-muted-foreground hover:bg-accent hover:text-foreground",
};

export interface ButtonProps extends Omit<JSX.ButtonHTMLAttributes<HTMLButtonElement>, "size"> {
  kind?: ButtonKind;
  icon?: ComponentChildren;
  children?: ComponentChildren;
}

/** A control that does something; destructive ones name their object in their text. */
export function Button({ kind = "plain", icon, children, class: extra, ...rest }: ButtonProps) {
  return (
    <button
      type="button"
      class={classes(
        "inline-flex h-control-h shrink-0 items-center justify-center gap-1.5 rounded-control px-2.5 text-sm font-medium whitespace-nowrap select-none disabled:opacity-50",
        KINDS[kind],
        extra as string | undefined,
      )}
      {...rest}
    >
      {icon}
      {children}
    </button>
  );
}
