import { applyLook, DENSITIES, effectiveTheme, storedDensity, storedThemeChoice, type Density, type Theme } from "./look.ts";
import { parentOrigin } from "./origin.ts";

export interface ShellLook {
  theme: Theme;
  density: Density;
  locale?: string;
  timeZone?: string;
}

export interface ShellState {
  isVisible: boolean;
  isOnline: boolean;
}

/** What a tab may ask its shell to open. */
export type OpenRequest = { item: string; plugin?: string; tab?: string; view?: string } | { palette: string };

let current: ShellLook | undefined;

/** Return the look last told by the shell, else the stored one. */
export function shellLook(): ShellLook {
  return (current ??= { theme: effectiveTheme(storedThemeChoice()), density: storedDensity() });
}

function post(message: Record<string, unknown>): void {
  if (window.parent !== window) window.parent.postMessage({ v: 1, ...message }, parentOrigin());
}

/** Ask the shell to go to an item, a plugin's tab, or to search. */
export function openInShell(request: OpenRequest): void {
  post({ type: "mc.tab.open", ...request });
}

/** Tell the shell which part of the address belongs to this tab. */
export function reportView(view: string): void {
  post({ type: "mc.tab.view", view });
}

/** Hand a shell shortcut, pressed inside the frame, to the shell. */
export function reportKey(key: string): void {
  post({ type: "mc.tab.key", key });
}

/** Read `mc.shell.look`; unknown values keep what is there. */
export function parseLook(data: Record<string, unknown>, before: ShellLook): ShellLook {
  return {
    theme: data.theme === "dark" || data.theme === "light" ? data.theme : before.theme,
    density: DENSITIES.find((density) => density === data.density) ?? before.density,
    locale: typeof data.locale === "string" ? data.locale : before.locale,
    timeZone: typeof data.timeZone === "string" ? data.timeZone : before.timeZone,
  };
}

/** Follow the shell's look and state; returns a function that stops. */
export function connectShell(handlers: {
  onLook?: (look: ShellLook) => void;
  onState?: (state: ShellState) => void;
}): () => void {
  applyLook(shellLook());
  function receive(event: MessageEvent) {
    if (event.source !== window.parent || event.origin !== parentOrigin() || window.parent === window) return;
    const data: unknown = event.data;
    if (typeof data !== "object" || data === null) return;
    const message = data as Record<string, unknown>;
    if (message.type === "mc.shell.look") {
      current = parseLook(message, shellLook());
      applyLook(current);
      handlers.onLook?.(current);
    } else if (message.type === "mc.shell.state") {
      handlers.onState?.({ isVisible: message.visible !== false, isOnline: message.online !== false });
    }
  }
  window.addEventListener("message", receive);
  return () => window.removeEventListener("message", receive);
}
