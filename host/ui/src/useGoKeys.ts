import { isTyping, keyName } from "@mission-control/plugin-ui";
import { useQueryClient } from "@tanstack/preact-query";
import { useEffect, useRef } from "preact/hooks";
import type { Plugin } from "./api.ts";
import type { Place } from "./logic/route.ts";
import { listTabs } from "./logic/tabs.ts";
import { go } from "./navigation.ts";

const PAIR_MS = 1500;

/** Pairs that start with `g`, pressed here or handed over by a tab. */
export function useGoKeys(place: Place): (key: string) => void {
  const startedAt = useRef(-Infinity);
  const cache = useQueryClient();

  function follow(key: string) {
    if (key === "c") go({ page: "home" });
    if (key === "p") go({ page: "plugins" });
    if (place.page !== "item") return;
    const { itemId } = place;
    if (key === "i") go({ page: "item", itemId, tab: { kind: "item" } });
    const tab = /^[1-9]$/.test(key) && listTabs(cache.getQueryData<Plugin[]>(["plugins", itemId]) ?? [])[Number(key) - 1];
    if (tab) go({ page: "item", itemId, tab: { kind: "plugin", plugin: tab.plugin, tab: tab.slug, view: "" } });
  }
  function press(key: string) {
    const isSecond = performance.now() - startedAt.current < PAIR_MS;
    startedAt.current = key === "g" && !isSecond ? performance.now() : -Infinity;
    if (isSecond) follow(key);
  }
  const latest = useRef(press);
  latest.current = press;
  useEffect(() => {
    // Captured, so that the second key of a pair does nothing else on the page.
    const capture = (event: KeyboardEvent) => {
      if (isTyping(event.target) || document.querySelector("dialog[open]")) return;
      const isSecond = performance.now() - startedAt.current < PAIR_MS;
      if (keyName(event) !== "g" && !isSecond) return;
      event.preventDefault();
      latest.current(keyName(event));
    };
    window.addEventListener("keydown", capture, { capture: true });
    return () => window.removeEventListener("keydown", capture, { capture: true });
  }, []);
  return press;
}
