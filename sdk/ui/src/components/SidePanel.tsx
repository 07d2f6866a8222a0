import { X } from "lucide-preact";
import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { classes } from "../classes.ts";
import { useHotkeys } from "../hooks/useHotkeys.ts";
import { IconButton } from "./IconButton.tsx";

export interface SidePanelProps {
  title: ComponentChildren;
  label: string;
  onClose: () => void;
  children: ComponentChildren;
  footer?: ComponentChildren;
  /** Room for a form, a result or a log. */
  isWide?: boolean;
}

/** Details of a row: beside the table, or a sheet over it on a narrow screen. */
export function SidePanel({ title, label, onClose, children, footer, isWide }: SidePanelProps) {
  const panel = useRef<HTMLElement>(null);
  useHotkeys({ Escape: onClose });
  useLayoutEffect(() => {
    const opener = document.activeElement;
    const element = panel.current;
    return () => {
      // The keyboard goes on where it came from, unless it is elsewhere by now.
      const isHere = document.activeElement === document.body || element?.contains(document.activeElement);
      if (isHere && opener instanceof HTMLElement && opener.isConnected) opener.focus({ preventScroll: true });
    };
  }, []);
  return (
    <aside
      ref={panel}
      aria-label={label}
      class={classes(
        isWide ? "w-[min(40rem,55%)]" : "w-[min(26rem,42%)]",
        "flex shrink-0 animate-appear flex-col border-l bg-card narrow:fixed narrow:inset-x-0 narrow:top-16 narrow:bottom-0 narrow:z-30 narrow:w-full narrow:rounded-t-panel narrow:border-t narrow:border-l-0 narrow:shadow-popover",
      )}
    >
      <header class="flex items-center justify-between gap-2 border-b py-1 pr-1 pl-3">
        <h2 class="min-w-0 truncate text-base font-semibold">{title}</h2>
        <IconButton label="Close details" hotkey="Esc" onClick={onClose}>
          <X class="size-4" />
        </IconButton>
      </header>
      <div class="min-h-0 flex-1 overflow-auto">{children}</div>
      {footer && <footer class="border-t bg-muted/40 p-density-2">{footer}</footer>}
    </aside>
  );
}
