import type { ComponentChildren, JSX } from "preact";
import { classes } from "../classes.ts";

export interface IconButtonProps extends Omit<JSX.ButtonHTMLAttributes<HTMLButtonElement>, "label"> {
  label: string;
  /** Key that does the same, shown in the title. */
  hotkey?: string;
  isOn?: boolean;
  children: ComponentChildren;
}

/** A square button with an icon; its label is its name for screen readers and its title for the pointer. */
export function IconButton({ label, hotkey, isOn, children, class: extra, ...rest }: IconButtonProps) {
  return (
    <button
      type="button"
      aria-label={label}
      aria-pressed={isOn}
      title={hotkey ? `${label} (${hotkey})` : label}
      class={classes(
        "inline-flex size-control-h shrink-0 items-center justify-center rounded-control hover:bg-accent hover:text-foreground disabled:opacity-40",
        isOn ? "bg-accent text-primary" : "text-muted-foreground",
        extra as string | undefined,
      )}
      {...rest}
    >
      {children}
    </button>
  );
}
