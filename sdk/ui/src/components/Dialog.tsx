import { X } from "lucide-preact";
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { classes } from "../classes.ts";
import { IconButton } from "./IconButton.tsx";

export interface DialogProps {
  title: string;
  onClose: () => void;
  children: ComponentChildren;
  actions?: ComponentChildren;
  isDangerous?: boolean;
}

/** A question or a list over the page; Esc and a click beside it close it. It needs no `allow-modals` of a sandbox. */
export function Dialog({ title, onClose, children, actions, isDangerous }: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const element = dialog.current;
    if (element && !element.open) element.showModal();
  }, []);
  return (
    <dialog
      ref={dialog}
      aria-label={title}
      onClose={onClose}
      onClick={(event) => event.target === dialog.current && onClose()}
      class={classes(
        "w-full max-w-[min(36rem,calc(100vw-1.5rem))] animate-appear overflow-hidden rounded-panel border bg-popover p-0 text-sm text-popover-foreground shadow-popover backdrop:bg-background/60",
        isDangerous && "border-destructive/50",
      )}
    >
      <div class="flex max-h-[80vh] flex-col">
        <header class="flex items-center justify-between gap-2 border-b py-2 pr-2 pl-4">
          <h2 class="text-base font-semibold">{title}</h2>
          <IconButton label="Close" hotkey="Esc" onClick={onClose}>
            <X class="size-4" />
          </IconButton>
        </header>
        <div class="min-h-0 flex-1 overflow-auto px-4 py-3">{children}</div>
        {actions && <footer class="flex flex-wrap justify-end gap-2 border-t bg-muted/50 px-4 py-2.5">{actions}</footer>}
      </div>
    </dialog>
  );
}
