import { QueryClient, QueryClientProvider } from "@tanstack/preact-query";
import { render, type ComponentChildren } from "preact";
import { connectShell, reportKey } from "./client/shell.ts";
import { isTyping, keyName } from "./hooks/useHotkeys.ts";

/** Hand the shell's own keys to the shell when they are pressed inside a frame. */
function forwardShellKeys(): void {
  let isAfterG = false;
  window.addEventListener("keydown", (event) => {
    if (event.defaultPrevented) return;
    const name = keyName(event);
    const isFree = !isTyping(event.target) && !document.querySelector("dialog[open]");
    if (name === "ctrl+k" || (isFree && (name === "g" || isAfterG))) {
      event.preventDefault(); // the second key of a pair must not act in the tab too
      reportKey(name);
    }
    isAfterG = isFree && name === "g" && !isAfterG;
  });
}

/** Draw a page into `#app` with its query cache; a plugin's page also follows its shell from the first paint. */
export function startPage(content: ComponentChildren, { isTab = true } = {}): void {
  const root = document.getElementById("app");
  if (!root) throw new Error("the page has no element #app");
  if (isTab) {
    connectShell({})();
    forwardShellKeys();
  }
  render(<QueryClientProvider client={new QueryClient()}>{content}</QueryClientProvider>, root);
}
