import type { ComponentChildren } from "preact";
import { classes } from "../classes.ts";

export interface MenuItemProps {
  icon?: ComponentChildren;
  hint?: string;
  isDangerous?: boolean;
  isDisabled?: boolean;
  onClick: () => void;
  children: ComponentChildren;
}

/** One line of a menu. */
export function MenuItem({ icon, hint, isDangerous, isDisabled, onClick, children }: MenuItemProps) {
  return (
    <button
      type="button"
      disabled={isDisabled}
      onClick={onClick}
      class={classes(
        "flex h-control-h w-full items-center gap-2 rounded-control px-2 text-left whitespace-nowrap hover:bg-accent disabled:opacity-50",
        isDangerous && "text-destructive",
      )}
    >
      {icon}
      <span class="min-w-0 flex-1 truncate">{children}</span>
      {hint && <kbd class="font-sans text-xs text-muted-foreground">{hint}</kbd>}
    </button>
  );
}
