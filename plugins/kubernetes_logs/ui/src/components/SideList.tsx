import { useEffect } from "preact/hooks";
import { LogList } from "../list/LogList.tsx";
import { useLogWindow } from "../list/useLogWindow.ts";
import type { LogClient } from "../logic/logClient.ts";
import type { FilterSpec } from "../protocol.ts";

/** A second list of the same lines by another filter: the new revision beside the old one. */
export function SideList({ client, filter }: { client: LogClient; filter: FilterSpec }) {
  const list = useLogWindow(client, "side");
  const text = JSON.stringify(filter);
  useEffect(() => {
    client.send({ type: "filter", view: "side", filter: JSON.parse(text) as FilterSpec });
    list.ask(true);
  }, [client, list, text]);
  useEffect(() => () => client.send({ type: "filter", view: "side", filter: null }), [client]);
  return (
    <div class="flex min-w-0 flex-1 border-l narrow:border-t narrow:border-l-0">
      <LogList list={list} label="Lines of the new revision" held={0} heading="new revision" />
    </div>
  );
}
