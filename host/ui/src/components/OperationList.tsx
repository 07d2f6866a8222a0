import { Badge } from "@mission-control/plugin-ui";
import type { Plugin } from "../api.ts";

/** What the plugins can do with this item. */
export function OperationList({ plugins }: { plugins: Plugin[] }) {
  const offering = plugins.filter((plugin) => plugin.operations?.length);
  if (offering.length === 0) return <p class="text-muted-foreground">No running plugin offers an operation for this kind of item.</p>;
  return (
    <div class="flex flex-col gap-3">
      {offering.map((plugin) => (
        <div key={plugin.name}>
          <h3 class="mb-1 flex items-baseline gap-2 font-medium">
            {plugin.name}
            <span class="text-xs font-normal text-muted-foreground">{plugin.version}</span>
          </h3>
          <ul>
            {plugin.operations?.map((operation) => (
              <li key={operation.name} class="flex min-h-control-h items-center gap-3 border-t py-0.5">
                <code class="w-44 shrink-0 truncate font-mono text-xs narrow:w-32">{operation.name}</code>
                <span class="min-w-0 flex-1 text-muted-foreground">{operation.description}</span>
                {operation.destructive && <Badge tone="warning">changes things</Badge>}
              </li>
            ))}
          </ul>
        </div>
      ))}
    </div>
  );
}
