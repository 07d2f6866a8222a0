import type { ComponentChildren } from "preact";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { setGeometry } from "../geometry.ts";

export interface ContextMenuProps {
  x: number;
  y: number;
  onClose: () => void;
  children: ComponentChildren;
}

/** A menu where the pointer is; it stays inside the window and closes on anything else. */
export function ContextMenu({ x, y, onClose, children }: ContextMenuProps) {
  const menu = useRef<HTMLDivElement>(null);
  const close = useRef(onClose);
  close.current = onClose;
  useLayoutEffect(() => {
    const element = menu.current;
    if (!element) return;
    setGeometry(element, {
      "--left": `${Math.min(x, window.innerWidth - element.offsetWidth - 8)}px`,
      "--top": `${Math.min(y, window.innerHeight - element.offsetHeight - 8)}px`,
    });
    element.querySelector("button")?.focus();
  }, [x, y]);
  useEffect(() => {
    const leave = (event: Event) => {
      if (event instanceof KeyboardEvent && event.key !== "Escape") return;
      if (!(event instanceof KeyboardEvent) && menu.current?.contains(event.target as Node)) return;
      event.stopPropagation();
      close.current();
    };
    const names = ["pointerdown", "keydown", "blur", "wheel"];
    for (const name of names) window.addEventListener(name, leave, { capture: true });
    return () => {
      for (const name of names) window.removeEventListener(name, leave, { capture: true });
    };
  }, []);
  return (
    <div
      ref={menu}
      role="menu"
      onClick={onClose}
      class="fixed top-(--top) left-(--left) z-50 min-w-44 rounded-panel border bg-popover p-1 shadow-popover"
    >
      {children}
    </div>
  );
}
