import { useEffect, useRef } from "preact/hooks";
import { useListValue, type LogWindow } from "../list/useLogWindow.ts";
import type { LogClient } from "./logClient.ts";
import type { ListCursor } from "./useListKeys.ts";
import type { ViewState } from "./viewState.ts";

/** Go to the line that the address named when the page was opened, as soon as it has come. */
export function useLocate(client: LogClient, list: LogWindow, view: ViewState, cursor: ListCursor): void {
  const total = useListValue(list, (one) => one.total);
  const wanted = useRef(view.at ? { stamp: view.at, key: view.atKey } : null);
  const latest = useRef(cursor);
  latest.current = cursor;
  useEffect(() => {
    const place = wanted.current;
    if (!place || total === 0) return;
    void client.ask({ type: "locate", view: "main", ...place }, "found").then(({ index, id, shift }) => {
      if (index < 0 || !wanted.current) return;
      wanted.current = null;
      const here = index + list.shift - shift;
      latest.current.goTo(id, here);
      client.send({ type: "expand", id, isOpen: true });
    });
  }, [client, list, total]);
}
