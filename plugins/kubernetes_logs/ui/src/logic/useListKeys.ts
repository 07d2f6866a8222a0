import { isTyping, useHotkeys } from "@mission-control/plugin-ui";
import { useRef, useState } from "preact/hooks";
import type { LogWindow } from "../list/useLogWindow.ts";
import type { DrawItem, ViewId } from "../protocol.ts";
import type { LogClient } from "./logClient.ts";

export interface ListCursor {
  currentId: number;
  select: (item: DrawItem, index: number) => void;
  step: (direction: 1 | -1) => void;
  goTo: (id: number, index: number) => void;
}

/** The keyboard's row: moved by j and k, opened by Enter, sent from hit to hit by n. */
export function useListKeys(client: LogClient, list: LogWindow, view: ViewId, isEnabled: boolean): ListCursor {
  const [currentId, setCurrentId] = useState(-1);
  const at = useRef(-1);
  const seen = useRef(0);
  const indexNow = () => (at.current < 0 ? -1 : at.current + list.shift - seen.current);
  const select = (item: DrawItem, index: number) => {
    at.current = index;
    seen.current = list.shift;
    setCurrentId(item.id);
  };
  const move = (direction: 1 | -1) => {
    const start = indexNow();
    const next = start < 0 ? (list.isTail ? list.total - 1 : list.place.index) : Math.max(0, Math.min(list.total - 1, start + direction));
    const item = list.item(next);
    if (!item) return;
    select(item, next);
    list.reveal(next);
  };
  const goTo = (id: number, index: number) => {
    at.current = index;
    seen.current = list.shift;
    setCurrentId(id);
    list.reveal(index, true);
  };
  const step = (direction: 1 | -1) => {
    const start = indexNow() >= 0 ? indexNow() : direction > 0 ? list.place.index - 1 : list.total;
    void client.ask({ type: "find", view, from: start, step: direction, shift: list.shift }, "found").then(({ index, id, shift }) => {
      if (index < 0) return;
      goTo(id, index + list.shift - shift);
    });
  };
  const toggle = (event: KeyboardEvent) => {
    if (isTyping(event.target)) return;
    if (event.target instanceof HTMLButtonElement) return event.target.click();
    const item = list.item(indexNow());
    if (item) client.send({ type: "expand", id: item.id, isOpen: !item.open });
  };
  useHotkeys({
    j: () => move(1),
    k: () => move(-1),
    Enter: toggle,
    n: (event) => step(event.shiftKey ? -1 : 1),
    End: list.toTail,
    Home: () => list.reveal(0, true),
  }, isEnabled);
  return { currentId, select, step, goTo };
}
