import { Badge, Button } from "@mission-control/plugin-ui";
import { Play } from "lucide-preact";
import { listOperations, type OfferedOperation } from "../logic/operations.ts";
import type { Plugin } from "../api.ts";
import { openRun } from "../navigation.ts";

function OperationLine({ offered, isRunnable }: { offered: OfferedOperation; isRunnable: boolean }) {
  const { operation, plugin, isStream } = offered;
  return (
    <li class="flex min-h-control-h items-center gap-3 border-t py-1.5">
      <div class="flex min-w-0 flex-1 flex-col gap-0.5">
        <div class="flex min-w-0 flex-wrap items-center gap-x-2">
          <code class="truncate font-mono text-xs font-medium">{operation.name}</code>
          {isStream && <Badge tone="info">stream</Badge>}
          {operation.destructive && <Badge tone="warning">changes things</Badge>}
        </div>
        {operation.description && <span class="text-muted-foreground">{operation.description}</span>}
      </div>
      {isRunnable ? (
        <Button icon={<Play class="size-3" />} aria-label={`Run ${operation.name}`} onClick={() => openRun(plugin, operation.name)}>
          Run…
        </Button>
      ) : (
        <span class="text-xs text-muted-foreground">from an item</span>
      )}
    </li>
  );
}

/** What plugins can do: with this item, or, where there is none, at all. */
export function OperationList({ plugins, hasItem = true }: { plugins: Plugin[]; hasItem?: boolean }) {
  const offering = plugins.filter((plugin) => plugin.operations?.length);
  if (offering.length === 0) return <p class="text-muted-foreground">{hasItem ? "No running plugin offers an operation for this kind of item." : "No operations are known; the plugin is not running."}</p>;
  return (
    <div class="flex flex-col gap-3">
      {offering.map((plugin) => (
        <div key={plugin.name}>
          {hasItem && (
            <h3 class="mb-1 flex items-baseline gap-2 font-medium">
              {plugin.name}
              <span class="text-xs font-normal text-muted-foreground">{plugin.version}</span>
            </h3>
          )}
          <ul>
            {listOperations([plugin]).map((offered) => (
              <OperationLine key={offered.operation.name} offered={offered} isRunnable={hasItem || offered.isGlobal} />
            ))}
          </ul>
        </div>
      ))}
    </div>
  );
}
