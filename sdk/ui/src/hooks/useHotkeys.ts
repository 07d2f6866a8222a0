import { useEffect, useRef } from "preact/hooks";

export type Hotkeys = Record<string, (event: KeyboardEvent) => void>;

/** Return whether a key press belongs to a text field. */
export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || ["INPUT", "TEXTAREA", "SELECT"].includes(target.tagName);
}

/** Return a key's name: `/`, `Escape`, `ctrl+k` (Cmd counts as Ctrl). */
export function keyName(event: KeyboardEvent): string {
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  return `${event.ctrlKey || event.metaKey ? "ctrl+" : ""}${event.altKey ? "alt+" : ""}${key}`;
}

/** React to keys of the whole page; plain keys are left alone while somebody types or a dialog is open. */
export function useHotkeys(hotkeys: Hotkeys, isEnabled = true): void {
  const latest = useRef(hotkeys);
  latest.current = hotkeys;
  useEffect(() => {
    if (!isEnabled) return;
    const press = (event: KeyboardEvent) => {
      if (event.defaultPrevented) return;
      const name = keyName(event);
      const handler = latest.current[name];
      const isPlain = !name.startsWith("ctrl+") && !name.startsWith("alt+");
      if (!handler || (isPlain && (isTyping(event.target) || document.querySelector("dialog[open]")))) return;
      event.preventDefault();
      handler(event);
    };
    window.addEventListener("keydown", press);
    return () => window.removeEventListener("keydown", press);
  }, [isEnabled]);
}
