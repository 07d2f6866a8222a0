import type { ShellLook } from "@mission-control/plugin-ui";
import type { RefObject } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { go } from "./navigation.ts";

export interface FrameHandlers {
  onReady: () => void;
  onView: (view: string) => void;
  onKey: (key: string) => void;
  onPalette: (text: string) => void;
}

const text = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined);

function openRequested(message: Record<string, unknown>, onPalette: (text: string) => void): void {
  const palette = text(message.palette);
  const itemId = text(message.item);
  const plugin = text(message.plugin);
  if (palette !== undefined) onPalette(palette);
  else if (itemId) {
    const tab = plugin ? ({ kind: "plugin", plugin, tab: text(message.tab) ?? "0", view: text(message.view) ?? "" } as const) : null;
    go({ page: "item", itemId, tab });
  }
}

/** Speak with one frame: its messages are heard from its own window and origin only, ours go to the own origin only. */
export function useFrameMessages(frame: RefObject<HTMLIFrameElement>, state: { look: ShellLook; isVisible: boolean }, handlers: FrameHandlers): void {
  const latest = useRef({ state, handlers });
  latest.current = { state, handlers };
  const tell = useRef(() => {
    const target = frame.current?.contentWindow;
    const { look, isVisible } = latest.current.state;
    target?.postMessage({ type: "mc.shell.look", v: 1, ...look }, window.location.origin);
    target?.postMessage({ type: "mc.shell.state", v: 1, visible: isVisible, online: navigator.onLine }, window.location.origin);
  });
  useEffect(() => {
    const receive = (event: MessageEvent) => {
      if (event.source !== frame.current?.contentWindow || event.origin !== window.location.origin) return;
      if (typeof event.data !== "object" || event.data === null) return;
      const message = event.data as Record<string, unknown>;
      const { onReady, onView, onKey, onPalette } = latest.current.handlers;
      if (message.type === "mc.tab.ready") {
        onReady();
        tell.current();
      } else if (message.type === "mc.tab.view") onView(text(message.view) ?? "");
      else if (message.type === "mc.tab.key") onKey(text(message.key) ?? "");
      else if (message.type === "mc.tab.open") openRequested(message, onPalette);
    };
    window.addEventListener("message", receive);
    return () => window.removeEventListener("message", receive);
  }, [frame]);
  useEffect(() => tell.current(), [state.look, state.isVisible]);
}
