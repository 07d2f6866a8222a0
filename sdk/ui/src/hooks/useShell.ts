import { focusManager } from "@tanstack/preact-query";
import { useEffect, useState } from "preact/hooks";
import { ready } from "../client/frame.ts";
import { connectShell, shellLook, type ShellLook, type ShellState } from "../client/shell.ts";

/** Shake hands with the shell once the page is drawn; returns its look and whether the tab is on screen. */
export function useShell(): { look: ShellLook; state: ShellState } {
  const [look, setLook] = useState(shellLook);
  const [state, setState] = useState<ShellState>({ isVisible: true, isOnline: true });
  useEffect(() => {
    const disconnect = connectShell({
      onLook: setLook,
      onState: (next) => {
        setState(next);
        focusManager.setFocused(next.isVisible ? undefined : false); // undefined: the document decides again
      },
    });
    ready();
    return disconnect;
  }, []);
  return { look, state };
}
