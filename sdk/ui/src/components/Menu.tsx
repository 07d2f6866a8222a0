import { ChevronDown } from "lucide-preact";
import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { classes } from "../classes.ts";
import { Button } from "./Button.tsx";
import { IconButton } from "./IconButton.tsx";

export interface MenuProps {
  label: string;
  icon?: ComponentChildren;
  /** Words on the button, in the place of an icon alone. */
  text?: ComponentChildren;
  /** Marks a choice that differs from the default. */
  isSet?: boolean;
  align?: "left" | "right";
  onOpenChange?: (isOpen: boolean) => void;
  children: ComponentChildren | ((close: () => void) => ComponentChildren);
}

/** A small list under a button, closed by Esc, a choice or a click elsewhere. */
export function Menu({ label, icon, text, isSet, align = "right", onOpenChange, children }: MenuProps) {
  const [isOpen, setOpen] = useState(false);
  const root = useRef<HTMLSpanElement>(null);
  const report = useRef(onOpenChange);
  report.current = onOpenChange;
  useEffect(() => {
    report.current?.(isOpen);
    if (!isOpen) return;
    const pressOutside = (event: Event) => {
      if (!root.current?.contains(event.target as Node)) setOpen(false);
    };
    window.addEventListener("pointerdown", pressOutside);
    window.addEventListener("blur", pressOutside);
    return () => {
      window.removeEventListener("pointerdown", pressOutside);
      window.removeEventListener("blur", pressOutside);
    };
  }, [isOpen]);
  const close = () => setOpen(false);
  return (
    <span
      ref={root}
      class="relative inline-flex"
      onKeyDown={(event) => {
        if (event.key !== "Escape" || !isOpen) return;
        event.stopPropagation();
        close();
      }}
    >
      {text === undefined ? (
        <IconButton label={label} aria-expanded={isOpen} aria-haspopup="menu" onClick={() => setOpen(!isOpen)}>
          {icon}
        </IconButton>
      ) : (
        <Button
          icon={icon}
          aria-label={label}
          title={label}
          aria-expanded={isOpen}
          aria-haspopup="menu"
          class={classes("px-2! font-normal!", isSet && "border-primary/60! text-primary")}
          onClick={() => setOpen(!isOpen)}
        >
          {text}
          <ChevronDown aria-hidden class="size-3.5 text-muted-foreground" />
        </Button>
      )}
      {isOpen && (
        <div
          class={classes(
            "absolute top-full z-40 mt-1 max-h-[60vh] w-max max-w-80 min-w-44 animate-appear overflow-auto rounded-panel border bg-popover p-1 text-popover-foreground shadow-popover",
            align === "right" ? "right-0" : "left-0",
          )}
        >
          {typeof children === "function" ? children(close) : children}
        </div>
      )}
    </span>
  );
}
