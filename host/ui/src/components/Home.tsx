import { asOperationError, Failure, Message, Skeleton, StaleLine, StatusDot } from "@mission-control/plugin-ui";
import { MousePointerClick } from "lucide-preact";
import { useItems, type Item } from "../api.ts";
import { healthLook } from "../logic/health.ts";
import { typeLabel } from "../logic/groups.ts";
import { followLink } from "../navigation.ts";

function AttentionLine({ item }: { item: Item }) {
  const look = healthLook(item.health);
  return (
    <a
      href={`/items/${item.id}`}
      onClick={(event) => followLink(event, { page: "item", itemId: item.id, tab: null })}
      class="flex h-9 items-center gap-3 border-b px-4 hover:bg-accent"
    >
      <StatusDot shape={look.shape} tone={look.tone} label={look.word} />
      <span class="font-medium">{item.name}</span>
      <span class="truncate text-muted-foreground">{[typeLabel(item.type), item.namespace].filter(Boolean).join(" · ")}</span>
      <span class="ml-auto truncate text-muted-foreground">{item.status ?? look.word}</span>
    </a>
  );
}

/** Nothing chosen yet: what needs attention, else how to go on. */
export function Home() {
  const unhealthy = useItems({ health: "unhealthy" });
  const warning = useItems({ health: "warning" });
  const items = [...(unhealthy.data?.pages[0]?.items ?? []), ...(warning.data?.pages[0]?.items ?? [])];
  const error = unhealthy.error ?? warning.error;
  if (unhealthy.isPending || warning.isPending) return <Skeleton rows={6} />;
  if (error && items.length === 0) {
    return <Failure error={asOperationError(error)} what="what needs attention" onRetry={() => (void unhealthy.refetch(), void warning.refetch())} />;
  }
  if (items.length === 0) {
    return (
      <Message icon={<MousePointerClick class="size-4 text-muted-foreground" />} title="Choose an item">
        <p>Nothing reports a problem. Pick something at the left, or press Ctrl-K and type its name. Press ? for all keys.</p>
      </Message>
    );
  }
  return (
    <section class="min-h-0 flex-1 overflow-auto">
      {error && <StaleLine error={asOperationError(error)} updatedAtMs={Math.max(unhealthy.dataUpdatedAt, warning.dataUpdatedAt)} onRetry={() => (void unhealthy.refetch(), void warning.refetch())} />}
      <h1 class="px-4 pt-4 pb-2 text-base font-semibold">
        {items.length} {items.length === 1 ? "item needs" : "items need"} attention
      </h1>
      <div class="border-t">
        {items.map((item) => (
          <AttentionLine key={item.id} item={item} />
        ))}
      </div>
    </section>
  );
}
