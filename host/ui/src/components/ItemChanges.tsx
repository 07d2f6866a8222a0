import { Async, Badge, formatAge, formatExactTime, parseTime, useNow } from "@mission-control/plugin-ui";
import { useChanges, type Change } from "../api.ts";

const SHOWN = 50;

function ChangeLine({ change }: { change: Change }) {
  const now = useNow(10_000);
  const at = parseTime(change.createdAt);
  const error = typeof change.details?.error === "string" ? change.details.error : "";
  return (
    <li class="flex min-w-0 flex-wrap items-baseline gap-x-2 border-b py-1 last:border-b-0">
      <span class="font-mono text-xs">{change.summary}</span>
      {change.count > 1 && <Badge>{`${String(change.count)} times`}</Badge>}
      <span class="text-muted-foreground">by {change.createdBy}</span>
      {error && <span class="min-w-0 truncate text-destructive" title={error}>{error}</span>}
      <span class="ml-auto shrink-0 text-xs text-muted-foreground tabular-nums" title={formatExactTime(at)}>
        {at && formatAge(now - at.getTime())}
      </span>
    </li>
  );
}

/** What was done to an item through the host: who called which audited operation, and when. */
export function ItemChanges({ itemId }: { itemId: string }) {
  const changes = useChanges(itemId);
  return (
    <Async of={changes} what="the history" isEmpty={(all) => all.length === 0} empty={<p class="text-muted-foreground">Nothing yet. Operations that a plugin's resource lists under <code>audit</code> are recorded here.</p>}>
      {(all) => (
        <ul class="max-w-4xl">
          {all.slice(0, SHOWN).map((change) => (
            <ChangeLine key={change.id} change={change} />
          ))}
        </ul>
      )}
    </Async>
  );
}
