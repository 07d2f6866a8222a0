import { Failure, Message, SidePanel, Skeleton } from "@mission-control/plugin-ui";
import { useEffect } from "preact/hooks";
import { useAllPlugins, useItem, usePlugins } from "../api.ts";
import { findOperation } from "../logic/operations.ts";
import type { RunPlace } from "../logic/route.ts";
import { closeRun } from "../navigation.ts";
import { rememberRecent } from "../recents.ts";
import { OperationForm } from "./OperationForm.tsx";

export interface OperationPanelProps {
  run: RunPlace;
  itemId: string | null;
}

/** The form of the operation that the address names, beside the page. */
export function OperationPanel({ run, itemId }: OperationPanelProps) {
  const item = useItem(itemId ?? "", itemId !== null);
  const ofItem = usePlugins(itemId ?? "");
  const all = useAllPlugins();
  const own = itemId === null ? undefined : findOperation(ofItem.data ?? [], run.plugin, run.operation);
  const anywhere = findOperation(all.data ?? [], run.plugin, run.operation);
  const offered = own ?? (anywhere?.isGlobal ? anywhere : undefined);
  const isGlobal = offered?.isGlobal ?? false;
  const itemName = item.data?.name;
  const { plugin, operation } = run;
  useEffect(() => {
    if (!offered || (!isGlobal && !itemName)) return;
    const place = isGlobal || itemId === null ? ({ page: "home" } as const) : ({ page: "item", itemId, tab: null } as const);
    const hint = ["operation", plugin, isGlobal ? "" : itemName].filter(Boolean).join(" · ");
    rememberRecent({ key: `operation ${isGlobal ? "" : itemId} ${plugin}/${operation}`, label: operation, hint, place, run: { plugin, operation } });
  }, [offered !== undefined, isGlobal, itemName, itemId, plugin, operation]); // eslint-disable-line react-hooks/exhaustive-deps -- a poll brings an equal offer

  function content() {
    const failed = (itemId !== null && ofItem.error && !ofItem.data && ofItem.error) || (all.error && !all.data && all.error);
    if (offered && (isGlobal || item.data)) return <OperationForm offered={offered} item={isGlobal || !item.data ? null : item.data} startValues={run.values} />;
    if (failed) return <Failure error={failed} what="the operation" onRetry={() => (ofItem.refresh(), all.refresh())} />;
    if (all.data && (itemId === null || (ofItem.data && (item.data || item.error)))) {
      return (
        <Message title={`${operation} is not here`}>
          <p>{anywhere ? "It needs an item that the plugin serves: open one and run it from there." : `The plugin ${plugin} is not running, or has no such operation.`}</p>
        </Message>
      );
    }
    return <Skeleton rows={5} />;
  }
  const title = (
    <span class="flex items-baseline gap-2">
      <span class="font-mono text-sm">{operation}</span>
      <span class="truncate text-xs font-normal text-muted-foreground">{[plugin, isGlobal ? "global" : itemName].filter(Boolean).join(" · ")}</span>
    </span>
  );
  return (
    <SidePanel title={title} label={`Operation ${operation}`} onClose={closeRun} isWide>
      {content()}
    </SidePanel>
  );
}
