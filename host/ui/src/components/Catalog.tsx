import { asOperationError, Button, Failure, formatCount, Message, Skeleton, StaleLine, usePreference } from "@mission-control/plugin-ui";
import { Blocks } from "lucide-preact";
import { useMemo, useState } from "preact/hooks";
import { useFacets, useItems, usePluginStatus } from "../api.ts";
import { askedFilters, groupLines, knownValues } from "../logic/groups.ts";
import type { Filters, Place } from "../logic/route.ts";
import { followLink, setFilters } from "../navigation.ts";
import { CatalogFilters } from "./CatalogFilters.tsx";
import { CatalogLines } from "./CatalogLines.tsx";
import { useProblemCount } from "./Problems.tsx";

/** The badge may lag; the Plugins page looks more often. */
const STATUS_INTERVAL_MS = 10_000;

function PluginsLink({ isCurrent }: { isCurrent: boolean }) {
  const status = usePluginStatus(STATUS_INTERVAL_MS);
  const problems = useProblemCount();
  const broken = status.data?.filter((plugin) => ["failed", "unhealthy", "backing_off"].includes(plugin.state)).length ?? 0;
  return (
    <a
      href="/plugins"
      aria-current={isCurrent ? "page" : undefined}
      onClick={(event) => followLink(event, { page: "plugins" })}
      class={`flex h-9 shrink-0 items-center gap-2 border-t px-3 hover:bg-accent ${isCurrent ? "bg-accent font-medium" : ""}`}
    >
      <Blocks aria-hidden class="size-4 text-muted-foreground" />
      Plugins
      {broken > 0 && <span class="text-xs text-destructive">{broken} failing</span>}
      {problems > 0 && <span class="text-xs text-warning-text">{problems === 1 ? "1 problem" : `${String(problems)} problems`}</span>}
      <span class="ml-auto text-xs text-muted-foreground tabular-nums">{status.data?.length ?? ""}</span>
    </a>
  );
}

/** The list of everything, at the left or as the first page of a narrow screen. */
export function Catalog({ filters, selectedId, place }: { filters: Filters; selectedId: string | null; place: Place }) {
  const [isChoosing, setChoosing] = useState(false);
  const facets = useFacets(isChoosing || Boolean(filters.namespace ?? filters.tag));
  const known = useMemo(() => knownValues(facets.data, filters.type), [facets.data, filters.type]);
  const query = useItems(askedFilters(filters, known));
  const [foldedList, setFoldedList] = usePreference<string[]>("mc.shell.groups", []);
  const folded = useMemo(() => new Set(foldedList), [foldedList]);
  const items = useMemo(() => query.data?.pages.flatMap((page) => page.items) ?? [], [query.data]);
  const lines = useMemo(() => groupLines(items, folded, query.hasNextPage), [items, folded, query.hasNextPage]);
  const error = query.error ? asOperationError(query.error) : null;
  const retry = () => void query.refetch();
  const toggle = (key: string) => setFoldedList(folded.has(key) ? foldedList.filter((one) => one !== key) : [...foldedList, key]);
  const isFiltered = Object.values(filters).some(Boolean);

  function list() {
    if (!query.data) return error ? <Failure error={error} what="the catalog" onRetry={retry} /> : <Skeleton rows={14} />;
    if (items.length === 0 && isFiltered) {
      return (
        <Message title="Nothing matches" actions={<Button onClick={() => setFilters({})}>Clear filters</Button>}>
          No item matches these filters.
        </Message>
      );
    }
    if (items.length === 0) return <Message title="The catalog is empty">Items appear here as sources find them: a catalog file, this machine, a cluster.</Message>;
    return (
      <CatalogLines lines={lines} selectedId={selectedId} hasKeys={place.page !== "plugins"} onToggle={toggle} onEnd={() => query.hasNextPage && !query.isFetchingNextPage && void query.fetchNextPage()} />
    );
  }
  return (
    <nav aria-label="Catalog" class="flex w-64 shrink-0 flex-col border-r bg-sidebar narrow:w-full narrow:border-r-0">
      <div class="flex items-baseline justify-between px-3 pt-2">
        <h2 class="font-semibold">Catalog</h2>
        <span class="text-xs text-muted-foreground tabular-nums">{formatCount(query.data?.pages[0]?.total ?? undefined)}</span>
      </div>
      <CatalogFilters filters={filters} known={known} onApproach={() => setChoosing(true)} />
      {error && query.data && <StaleLine error={error} updatedAtMs={query.dataUpdatedAt} onRetry={retry} />}
      <div class={`flex min-h-0 flex-1 flex-col ${query.isPlaceholderData ? "opacity-60 transition-opacity delay-150" : ""}`}>{list()}</div>
      <PluginsLink isCurrent={place.page === "plugins"} />
    </nav>
  );
}
